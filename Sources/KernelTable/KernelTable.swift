import CKernels

#if arch(x86_64)
  import KernelsV3
  import KernelsV4
#else
  import Kernels
#endif

/// The vector kernels of one instruction set.
///
/// All builds give the same bits. Kernels that are called alike stand in families, of which each member is a value:
/// ``activations``, ``labelLosses``, ``targetLosses``, ``updates``. The others are methods.
///
/// Matrices are row-major, `[rows, columns]`, with strides in elements; pointers need no alignment, and what is written
/// overlaps nothing else unless that is allowed.
public struct KernelTable: @unchecked Sendable {
  /// A function of an element with its derivative.
  public typealias Activation = dtrain_activation
  /// A loss of class labels.
  public typealias LabelLoss = dtrain_label_loss
  /// A loss of a matrix of targets.
  public typealias TargetLoss = dtrain_target_loss
  /// An optimizer's update.
  public typealias Update = dtrain_update

  private let isa: StaticString
  /// Never changed and never freed.
  @usableFromInline let table: UnsafePointer<Table>

  private init(_ isa: StaticString, _ table: Table) {
    self.isa = isa
    let place = UnsafeMutablePointer<Table>.allocate(capacity: 1)
    place.initialize(to: table)
    self.table = UnsafePointer(place)
  }

  #if arch(x86_64)
    static let v3 = KernelTable("v3", KernelsV3.table())
    static let v4 = KernelTable("v4", KernelsV4.table())
  #else
    static let arm64 = KernelTable("arm64", Kernels.table())
  #endif

  /// The instruction set of these kernels: `v3` or `v4` (x86-64-v3, x86-64-v4), or `arm64`.
  public var isaName: String { isa.description }

  /// Functions of an element with their derivatives.
  @inlinable public var activations: Activations { table.pointee.activations }
  /// Losses of class labels.
  @inlinable public var labelLosses: LabelLosses { table.pointee.labelLosses }
  /// Losses of a matrix of targets.
  @inlinable public var targetLosses: TargetLosses { table.pointee.targetLosses }
  /// Updates of optimizers.
  @inlinable public var updates: Updates { table.pointee.updates }
}
