internal import CMPI

/// MPI's predefined operators, one case each.
enum ReductionKind { case sum, product, minimum, maximum, bitwiseAnd, bitwiseOr, bitwiseXor }

/// A reduction operator over elements of one type; operators that MPI does not define for a type do
/// not compile for it.
///
/// `.minimum` and `.maximum` of floating-point values lose NaN, depending on the rank that holds it:
/// agree on integer flags instead.
public struct ReduceOp<Element: MPIScalar>: Sendable {
  let kind: ReductionKind

  var handle: OpaquePointer {
    switch kind {
    case .sum: MPI_SUM
    case .product: MPI_PROD
    case .minimum: MPI_MIN
    case .maximum: MPI_MAX
    case .bitwiseAnd: MPI_BAND
    case .bitwiseOr: MPI_BOR
    case .bitwiseXor: MPI_BXOR
    }
  }
}

extension ReduceOp where Element: Numeric & Comparable {
  /// Sum (`MPI_SUM`). In floating point the order of additions is the library's own.
  public static var sum: Self { Self(kind: .sum) }
  /// Product (`MPI_PROD`).
  public static var product: Self { Self(kind: .product) }
  /// Smallest element (`MPI_MIN`).
  public static var minimum: Self { Self(kind: .minimum) }
  /// Largest element (`MPI_MAX`).
  public static var maximum: Self { Self(kind: .maximum) }
}

extension ReduceOp where Element: FixedWidthInteger {
  /// Bitwise and (`MPI_BAND`).
  public static var bitwiseAnd: Self { Self(kind: .bitwiseAnd) }
  /// Bitwise or (`MPI_BOR`).
  public static var bitwiseOr: Self { Self(kind: .bitwiseOr) }
  /// Bitwise exclusive or (`MPI_BXOR`).
  public static var bitwiseXor: Self { Self(kind: .bitwiseXor) }
}
