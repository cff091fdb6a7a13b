// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "dist-examples",
  // In a package of your own: .package(url: "…", from: "0.1.0"). Here it is two folders up; for a copy of these
  // examples elsewhere, the variable DTRAIN_PACKAGE names the folder of dtrain's sources.
  dependencies: [
    .package(name: "dtrain", path: Context.environment["DTRAIN_PACKAGE"] ?? "../..")
  ],
  targets: ["collectives", "point-to-point", "agreement", "node-topology", "reduction"].map {
    .executableTarget(
      name: $0, dependencies: [.product(name: "DTrainDist", package: "dtrain")],
      path: "Sources/\($0)")
  },
  swiftLanguageModes: [.v6]
)
