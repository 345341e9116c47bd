namespace Microsoft.ML.Mixture.Numerics.Tests;

public class AlignedBufferTests
{
    [Fact]
    [Trait("Kind", "Reference")]
    public void Span_AnyLength_BeginsOnACacheLineWithZeros()
    {
        foreach (int length in (int[])[.. Enumerable.Range(0, 40), 4087, 4088, 4089, 50_000])
        {
            int collections;
            nint address;
            do
            {
                collections = GC.CollectionCount(0);
                var buffer = new AlignedBuffer(length);
                Assert.Equal(length, buffer.Length);
                Assert.Equal(new double[length], buffer.Span.ToArray());
                unsafe
                {
                    fixed (double* first = buffer.Span) address = (nint)first;
                }
            }
            while (GC.CollectionCount(0) != collections); // which may have moved it
            Assert.Equal(0, address % 64);
        }
    }
}
