internal import CMPI

/// An element type that MPI can send, receive and reduce.
public protocol MPIScalar: BitwiseCopyable, Sendable {
  /// Which of MPI's predefined datatypes describes the element.
  static var scalarKind: MPIScalarKind { get }
}

/// MPI's predefined datatypes, one case each.
public enum MPIScalarKind: Sendable {
  /// Integers by width; the names are MPI's without prefix.
  case int8, uint8, int16, uint16, int32, uint32, int64, uint64
  /// IEEE 754 binary32 and binary64.
  case float, double

  var datatype: OpaquePointer {
    switch self {
    case .int8: MPI_INT8_T
    case .uint8: MPI_UINT8_T
    case .int16: MPI_INT16_T
    case .uint16: MPI_UINT16_T
    case .int32: MPI_INT32_T
    case .uint32: MPI_UINT32_T
    case .int64: MPI_INT64_T
    case .uint64: MPI_UINT64_T
    case .float: MPI_FLOAT
    case .double: MPI_DOUBLE
    }
  }
}

extension Int8: MPIScalar {
  /// MPI's datatype of the same layout.
  public static var scalarKind: MPIScalarKind { .int8 }
}
extension UInt8: MPIScalar {
  /// MPI's datatype of the same layout.
  public static var scalarKind: MPIScalarKind { .uint8 }
}
extension Int16: MPIScalar {
  /// MPI's datatype of the same layout.
  public static var scalarKind: MPIScalarKind { .int16 }
}
extension UInt16: MPIScalar {
  /// MPI's datatype of the same layout.
  public static var scalarKind: MPIScalarKind { .uint16 }
}
extension Int32: MPIScalar {
  /// MPI's datatype of the same layout.
  public static var scalarKind: MPIScalarKind { .int32 }
}
extension UInt32: MPIScalar {
  /// MPI's datatype of the same layout.
  public static var scalarKind: MPIScalarKind { .uint32 }
}
extension Int64: MPIScalar {
  /// MPI's datatype of the same layout.
  public static var scalarKind: MPIScalarKind { .int64 }
}
extension UInt64: MPIScalar {
  /// MPI's datatype of the same layout.
  public static var scalarKind: MPIScalarKind { .uint64 }
}
extension Int: MPIScalar {
  /// MPI's datatype of the same layout.
  public static var scalarKind: MPIScalarKind { .int64 }
}
extension UInt: MPIScalar {
  /// MPI's datatype of the same layout.
  public static var scalarKind: MPIScalarKind { .uint64 }
}
extension Float: MPIScalar {
  /// MPI's datatype of the same layout.
  public static var scalarKind: MPIScalarKind { .float }
}
extension Double: MPIScalar {
  /// MPI's datatype of the same layout.
  public static var scalarKind: MPIScalarKind { .double }
}
