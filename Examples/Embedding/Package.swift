// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "embedding",
  // In a package of your own: .package(url: "…", from: "0.1.0").
  dependencies: [.package(name: "dtrain", path: "../..")],
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
