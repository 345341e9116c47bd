using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Microsoft.ML.Mixture.Numerics;

/// <summary>All eight lanes or one half of them, as many as fit a register: what a kernel that is written once for both widths computes with.</summary>
/// <typeparam name="TSelf"><see cref="EightLanes"/> or <see cref="FourLanes"/>.</typeparam>
internal interface IVector<TSelf>
    where TSelf : struct, IVector<TSelf>
{
    static abstract int Width { get; }

    static abstract TSelf operator +(TSelf left, TSelf right);

    static abstract TSelf operator -(TSelf left, TSelf right);

    static abstract TSelf operator *(TSelf left, TSelf right);

    static abstract TSelf operator /(TSelf left, TSelf right);

    static abstract TSelf Create(double value);

    static abstract TSelf Load(ref double source, nuint offset);

    /// <summary>a * b + c, rounded once.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>The larger one; the second if one is NaN.</summary>
    static abstract TSelf Max(TSelf left, TSelf right);

    /// <summary>The value where left is at least right, elsewhere zero.</summary>
    static abstract TSelf WhereAtLeast(TSelf left, TSelf right, TSelf value);

    /// <summary>The first value where left is at least right, elsewhere the second.</summary>
    static abstract TSelf SelectAtLeast(TSelf left, TSelf right, TSelf first, TSelf second);

    static abstract bool AllEqual(TSelf left, TSelf right);

    static abstract bool AllBelow(TSelf left, TSelf right);

    static abstract bool AnyBelow(TSelf left, TSelf right);

    /// <summary>Adds the bits as integers.</summary>
    static abstract TSelf AddBits(TSelf left, TSelf right);

    /// <summary>Subtracts the bits as integers.</summary>
    static abstract TSelf SubtractBits(TSelf left, TSelf right);

    /// <summary>Shifts the bits towards the sign.</summary>
    static abstract TSelf ShiftUp(TSelf value, int count);

    /// <summary>Shifts the bits away from the sign.</summary>
    static abstract TSelf ShiftDown(TSelf value, int count);

    /// <summary>All eight lanes of a sum that was taken of <see cref="Width"/> of them and then, if there are more, of the others.</summary>
    static abstract Vector512<double> Join(TSelf first, TSelf others);

    void Store(ref double destination, nuint offset);
}

/// <summary>The eight lanes in one register.</summary>
internal readonly struct EightLanes(Vector512<double> value) : IVector<EightLanes>
{
    private readonly Vector512<double> _value = value;

    public static int Width => Lanes.Width;

    public Vector512<double> Value => _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes operator +(EightLanes left, EightLanes right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes operator -(EightLanes left, EightLanes right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes operator *(EightLanes left, EightLanes right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes operator /(EightLanes left, EightLanes right) => new(left._value / right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes Create(double value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes Load(ref double source, nuint offset) => new(Vector512.LoadUnsafe(ref source, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes MultiplyAdd(EightLanes a, EightLanes b, EightLanes c) => new(Vector512.FusedMultiplyAdd(a._value, b._value, c._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes Max(EightLanes left, EightLanes right) => new(Vector512.MaxNative(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes WhereAtLeast(EightLanes left, EightLanes right, EightLanes value) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(left._value, right._value), value._value, Vector512<double>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes SelectAtLeast(EightLanes left, EightLanes right, EightLanes first, EightLanes second) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(left._value, right._value), first._value, second._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AllEqual(EightLanes left, EightLanes right) => Vector512.EqualsAll(left._value, right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AllBelow(EightLanes left, EightLanes right) => Vector512.LessThanAll(left._value, right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyBelow(EightLanes left, EightLanes right) => Vector512.LessThanAny(left._value, right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes AddBits(EightLanes left, EightLanes right) => new((left._value.AsInt64() + right._value.AsInt64()).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes SubtractBits(EightLanes left, EightLanes right) => new((left._value.AsInt64() - right._value.AsInt64()).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes ShiftUp(EightLanes value, int count) => new((value._value.AsInt64() << count).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Join(EightLanes first, EightLanes others) => first._value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightLanes ShiftDown(EightLanes value, int count) => new((value._value.AsInt64() >>> count).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref double destination, nuint offset) => _value.StoreUnsafe(ref destination, offset);
}

/// <summary>One half of the eight lanes.</summary>
internal readonly struct FourLanes(Vector256<double> value) : IVector<FourLanes>
{
    private readonly Vector256<double> _value = value;

    public static int Width => Lanes.Width / 2;

    public Vector256<double> Value => _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes operator +(FourLanes left, FourLanes right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes operator -(FourLanes left, FourLanes right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes operator *(FourLanes left, FourLanes right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes operator /(FourLanes left, FourLanes right) => new(left._value / right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes Create(double value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes Load(ref double source, nuint offset) => new(Vector256.LoadUnsafe(ref source, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes MultiplyAdd(FourLanes a, FourLanes b, FourLanes c) => new(Vector256.FusedMultiplyAdd(a._value, b._value, c._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes Max(FourLanes left, FourLanes right) => new(Vector256.MaxNative(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes WhereAtLeast(FourLanes left, FourLanes right, FourLanes value) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(left._value, right._value), value._value, Vector256<double>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes SelectAtLeast(FourLanes left, FourLanes right, FourLanes first, FourLanes second) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(left._value, right._value), first._value, second._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AllEqual(FourLanes left, FourLanes right) => Vector256.EqualsAll(left._value, right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AllBelow(FourLanes left, FourLanes right) => Vector256.LessThanAll(left._value, right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyBelow(FourLanes left, FourLanes right) => Vector256.LessThanAny(left._value, right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes AddBits(FourLanes left, FourLanes right) => new((left._value.AsInt64() + right._value.AsInt64()).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes SubtractBits(FourLanes left, FourLanes right) => new((left._value.AsInt64() - right._value.AsInt64()).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes ShiftUp(FourLanes value, int count) => new((value._value.AsInt64() << count).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Join(FourLanes first, FourLanes others) => Vector512.Create(first._value, others._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourLanes ShiftDown(FourLanes value, int count) => new((value._value.AsInt64() >>> count).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(ref double destination, nuint offset) => _value.StoreUnsafe(ref destination, offset);
}
