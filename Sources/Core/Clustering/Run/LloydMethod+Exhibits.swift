extension LloydMethod {
  /// What can be shown of centers, `[clusters, columns]`: a histogram of their numbers and, where rows are images, an
  /// image for each. Rank 0's.
  ///
  /// - Complexity: O(clusters * columns).
  func exhibits(of centers: [Float]) -> [Event.Member] {
    let (data, columns) = (scene.data, scene.data.columns)
    let values = data.scaling.withOffsets(centers).map { Float($0) }
    var members: [Event.Member] = []
    if let histogram = values.withUnsafeBufferPointer({ Histogram(of: $0) }) {
      members.append(("centers/values", .histogram(histogram)))
    }
    if let sheet = ImageSheet(
      rowShape: data.source.rowShape, features: columns, number: values.count / columns)
    {
      members.append(
        (
          "centers/images",
          .image(
            sheet.image(.gray) { center, place in
              values[center * columns + place]
            })
        ))
    }
    return members
  }
}
