// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "embedding",
  // In a package of your own: .package(url: "…", from: "0.1.0"). Here it is two folders up; for a copy of this
  // example elsewhere, the variable DTRAIN_PACKAGE names the folder of dtrain's sources.
  dependencies: [
    .package(name: "dtrain", path: Context.environment["DTRAIN_PACKAGE"] ?? "../..")
  ],
  targets: [
    .executableTarget(
      name: "embedding",
      dependencies: [
        .product(name: "DTrainCore", package: "dtrain"),
        .product(name: "DTrainDist", package: "dtrain"),
      ],
      path: "Sources")
  ],
  swiftLanguageModes: [.v6]
)
