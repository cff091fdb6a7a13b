// swift-tools-version: 6.2
import PackageDescription

/// The kernels are compiled once per instruction set from the same sources: `KernelsV3` and
/// `KernelsV4` are symbolic links to `Kernels`. Cross-module optimisation is off so that no
/// wide-vector code can be inlined into a baseline module. Without errno, square roots are one
/// instruction instead of a branch to the C library. Functions begin at cache lines: where a linker
/// happens to put one changed the time of its loops by a fifth.
func kernelTarget(_ name: String, march: String?) -> Target {
  .target(
    name: name,
    dependencies: ["CCPU", "CKernels"],
    path: "Sources/\(name)",
    swiftSettings: [
      .unsafeFlags(
        [
          "-Ounchecked", "-disable-cmo", "-Xcc", "-fno-math-errno",
          "-Xllvm", "-align-all-functions=6",
        ]
          + (march.map { ["-Xcc", "-march=\($0)"] } ?? []))
    ])
}

#if arch(x86_64)
  let kernelTargets = [
    kernelTarget("KernelsV3", march: "x86-64-v3"),
    kernelTarget("KernelsV4", march: "x86-64-v4"),
  ]
#else
  let kernelTargets = [kernelTarget("Kernels", march: nil)]
#endif
let kernelDependencies = kernelTargets.map { Target.Dependency.target(name: $0.name) }

/// A floor of the core: it sees those below it, and what it offers to those above is `package` or, for programs that
/// embed dtrain, `public`. What the compiler proves exclusive it does not check; what it cannot prove is hot, and is
/// checked in debug builds.
func floor(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(
    name: "DTrain\(name)", dependencies: dependencies, path: "Sources/Core/\(name)",
    swiftSettings: [
      .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
    ])
}

/// The commit that is built, with a `+` where files differ from it; nil outside of a clone.
let commit = Context.gitInformation.map {
  $0.currentCommit.prefix(10) + ($0.hasUncommittedChanges ? "+" : "")
}

/// Tests that start programs and look at files are not optimised: that would take longer than they do.
let plainTests: [SwiftSetting] = [.unsafeFlags(["-Onone"], .when(configuration: .release))]

let package = Package(
  name: "dtrain",
  products: [
    .executable(name: "dtrain", targets: ["dtrain"]),
    .library(name: "DTrainDist", targets: ["DTrainDist"]),
    .library(name: "DTrainCore", targets: ["DTrainCore"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // System libraries.
    .systemLibrary(
      name: "CMPI", path: "Sources/CMPI", pkgConfig: "ompi-c",
      providers: [.apt(["libopenmpi-dev", "openmpi-bin"])]),
    .systemLibrary(
      name: "COpenBLAS", path: "Sources/COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(
      name: "CZlib", path: "Sources/CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(
      name: "CCrypto", path: "Sources/CCrypto", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"])]),

    // What Swift cannot ask or tell the kernel and the CPU; header only.
    .systemLibrary(name: "CLinux", path: "Sources/CLinux"),
    .systemLibrary(name: "CCPU", path: "Sources/CCPU"),
    // The allocator of the program, not of others that embed the core: C, since it must not need what it provides.
    .target(name: "CMemory", path: "Sources/CMemory"),
    // What the program was built from; C, so that another commit recompiles nothing else.
    .target(
      name: "CBuild", path: "Sources/CBuild",
      cSettings: commit.map { [.define("DTRAIN_COMMIT", to: "\"\($0)\"")] } ?? []),
    // The signatures of the vector kernels; header only.
    .systemLibrary(name: "CKernels", path: "Sources/CKernels"),

    // CMPI -> Dist -> Core -> dtrain.
    .target(name: "DTrainDist", dependencies: ["CMPI", "CLinux"], path: "Sources/Dist"),
    .target(name: "KernelTable", dependencies: kernelDependencies + ["CCPU", "CKernels"]),
    floor("Base", ["DTrainDist", "KernelTable", "COpenBLAS", "CCrypto", "CLinux"]),
    floor("Data", ["DTrainBase", "CZlib"]),
    floor("Export", ["DTrainData", "CZlib"]),
    floor("Runs", ["DTrainExport"]),
    floor("Networks", ["DTrainRuns"]),
    floor("Clustering", ["DTrainRuns"]),
    floor("Inspect", ["DTrainNetworks", "DTrainClustering"]),
    floor("Doctor", ["DTrainRuns"]),
    .target(
      name: "DTrainCore", dependencies: ["DTrainInspect", "DTrainDoctor"],
      path: "Sources/Core/DTrainCore"),
    .executableTarget(
      name: "dtrain",
      dependencies: [
        "DTrainCore", "DTrainDist", "CLinux", "CMemory", "CBuild",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Tests: one process under XCTest, several ranks through `mpi-harness`.
    .executableTarget(
      name: "mpi-harness", dependencies: ["DTrainCore", "DTrainDist", "KernelTable"],
      path: "Tests/mpi-harness"),
    .target(name: "Launching", path: "Tests/Launching"),
    .testTarget(
      name: "DistTests", dependencies: ["DTrainDist", "Launching", "mpi-harness"],
      swiftSettings: plainTests),
    .testTarget(
      name: "CoreTests", dependencies: ["DTrainCore", "KernelTable", "Launching"]),
    .testTarget(
      name: "DTrainTests", dependencies: ["dtrain", "DTrainCore", "Launching"],
      swiftSettings: plainTests),
  ] + kernelTargets,
  swiftLanguageModes: [.v6]
)
