using System.Numerics.Tensors;

namespace Microsoft.ML.Mixture;

/// <summary>The rows of another source times a power of two, which changes no digit.</summary>
internal sealed class ScaledRowSource(RowSource source, int exponent) : RowSource
{
    private readonly double _factor = double.ScaleB(1, exponent);

    public override int Dimension => source.Dimension;

    public override int RowCount => source.RowCount;

    public override void Read(int firstRow, int rowCount, Span<double> values, int stride, Span<double> weights)
    {
        source.Read(firstRow, rowCount, values, stride, weights);
        for (int j = 0; j < Dimension; j++)
        {
            Span<double> feature = values.Slice(j * stride, rowCount);
            TensorPrimitives.Multiply(feature, _factor, feature);
        }
    }
}
