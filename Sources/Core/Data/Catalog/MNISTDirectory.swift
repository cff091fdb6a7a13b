import Glibc

/// A directory with files named as those of MNIST.
struct MNISTDirectory {
  let trainImages: String
  let trainLabels: String
  /// Test images and labels, where the directory has them.
  let test: (images: String, labels: String)?

  /// Finds the files: `train-images-idx3-ubyte` and so on, `-` or `.` before `idx`, `.gz` or not.
  ///
  /// Throws `TrainerError` (bad data) naming what is missing; the test files may be missing together.
  init(path: String) throws {
    func find(_ stem: String, _ dimensions: Int) -> String? {
      for separator in ["-", "."] {
        for ending in ["", ".gz"] {
          let candidate = "\(path)/\(stem)\(separator)idx\(dimensions)-ubyte\(ending)"
          if access(candidate, F_OK) == 0 { return candidate }
        }
      }
      return nil
    }
    let images = find("train-images", 3)
    let labels = find("train-labels", 1)
    let testImages = find("t10k-images", 3)
    let testLabels = find("t10k-labels", 1)
    var missing: [String] = []
    if images == nil { missing.append("train-images-idx3-ubyte") }
    if labels == nil { missing.append("train-labels-idx1-ubyte") }
    if testImages == nil, testLabels != nil { missing.append("t10k-images-idx3-ubyte") }
    if testLabels == nil, testImages != nil { missing.append("t10k-labels-idx1-ubyte") }
    guard let images, let labels, missing.isEmpty else {
      throw TrainerError(
        .badData,
        "the directory \(path.printable) lacks \(missing.joined(separator: " and ")) (.gz or not); "
          + "complete it, or name the data files themselves")
    }
    trainImages = images
    trainLabels = labels
    test = if let testImages, let testLabels { (testImages, testLabels) } else { nil }
  }
}
