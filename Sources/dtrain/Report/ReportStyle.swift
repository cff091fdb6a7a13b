/// The look of marks and pages: colours by role, for light and dark.
enum ReportStyle {
  /// How many colours there are, and how many ways of breaking a line.
  static let colors = 8, dashes = 3
  /// The outlines of signs that tell lines of one colour apart, from their middle: none, a circle, a square, triangles,
  /// a diamond.
  static let signs = [
    "", "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z", "m-3 -3h6v6h-6z",
    "m0 -4.4l4 7.2h-8z", "m0 -4.6l4.6 4.6l-4.6 4.6l-4.6 -4.6z", "m0 4.4l4 -7.2h-8z",
  ]
  /// How many runs look different.
  static let looks = colors * signs.count

  private static let light = """
    --ground:#ffffff;--panel:#f6f8fa;--ink:#1b1f24;--soft:#57606a;--edge:#d0d7de;--note:#fff8c5;\
    --c0:#0b63c5;--c1:#c4500a;--c2:#1a7f37;--c3:#8250df;--c4:#cf222e;--c5:#0e7c86;--c6:#7d4e00;--c7:#57606a;
    """
  private static let dark = """
    --ground:#0f1318;--panel:#171c23;--ink:#e6edf3;--soft:#9aa5b1;--edge:#313944;--note:#3a3112;\
    --c0:#58a6ff;--c1:#f0883e;--c2:#3fb950;--c3:#bc8cff;--c4:#ff7b72;--c5:#39c5cf;--c6:#d29922;--c7:#8b949e;
    """

  /// Light, dark where the reader's system is, light on paper.
  private static let palette = """
    :root{color-scheme:light dark;\(light)}
    @media (prefers-color-scheme:dark){:root{\(dark)}}
    @media print{:root{\(light)}}
    """

  private static let colorRules = (0..<colors).map { color in
    ".line.c\(color){stroke:var(--c\(color))}.area.c\(color),.dot.c\(color){fill:var(--c\(color))}"
      + ".ring.c\(color),.points.c\(color){stroke:var(--c\(color))}"
  }.joined(separator: "\n")

  private static let markRules = """
    svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:var(--soft)}
    svg .number{font-size:11px;font-variant-numeric:tabular-nums}
    svg .ink{fill:var(--ink)}svg .heading{font-weight:600;font-size:13px}
    .grid{stroke:var(--edge);stroke-width:1}.axis{stroke:var(--soft);stroke-width:1}
    .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
    .d1{stroke-dasharray:7 4}.d2{stroke-dasharray:1.5 4}
    .line.plain{stroke:var(--ink)}
    .ring{fill:var(--ground);stroke-width:2}
    .points{fill:none;stroke-width:4.5;stroke-linecap:round;stroke-opacity:.45}
    .cell{stroke:var(--ground);stroke-width:1}.cell.dense{stroke:none}.cell.high{fill:var(--c1)}.cell.low{fill:var(--c0)}
    .pixels{image-rendering:pixelated}
    \(colorRules)
    """

  /// How a single picture says who drew it.
  static let pictureMark = "<style>:root{color-scheme:light dark;--ground:"

  /// What a single picture needs.
  static let picture = palette + "\n" + markRules + "\nsvg{background:var(--ground)}"

  /// Rows as paragraphs, in which each cell follows its title; in a table of a class, or in all where it is empty.
  private static func paragraphs(_ table: String) -> String {
    """
    \(table) thead{display:none}\(table),\(table) tbody,\(table) tr{display:block}
    \(table) tr{padding:6px 0;border-bottom:1px solid var(--edge)}
    \(table) td{display:inline-block;padding:0 14px 0 0;border:0;max-width:100%;white-space:normal;overflow-wrap:anywhere}
    \(table) td:first-child{display:block;font-weight:600}
    \(table) td:not(:first-child)::before{content:attr(data-title) " ";color:var(--soft)}
    """
  }

  /// What a page needs.
  static let page =
    palette + "\n" + markRules + "\n" + """
      *{box-sizing:border-box}
      body{margin:0 auto;padding:24px 20px 48px;max-width:1180px;background:var(--ground);color:var(--ink);\
      font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
      h1{font-size:24px;margin:0 0 4px;overflow-wrap:anywhere}
      h2{font-size:18px;margin:34px 0 10px;padding-top:14px;border-top:1px solid var(--edge);overflow-wrap:anywhere}
      p{margin:6px 0}
      .soft,figcaption{color:var(--soft)}
      .note{background:var(--note);padding:8px 12px;border-radius:6px;margin:10px 0;overflow-wrap:anywhere}
      .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));gap:16px;margin:14px 0}
      figure{margin:0;padding:12px;background:var(--ground);border:1px solid var(--edge);border-radius:8px;\
      min-width:0;max-width:600px;break-inside:avoid}
      figure h3{font-size:15px;margin:0 0 6px}
      figure svg{display:block;width:100%;height:auto}
      figcaption{font-size:13px;margin-top:6px;overflow-wrap:anywhere}
      .wide{overflow-x:auto;max-width:100%}
      table{border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}
      th,td{text-align:left;padding:4px 14px 4px 0;border-bottom:1px solid var(--edge);vertical-align:top}
      th{color:var(--soft);font-weight:600}
      .runs th,.runs td{white-space:nowrap}
      .members td:last-child{overflow-wrap:anywhere;min-width:120px}
      .key{display:inline-block;width:26px;height:10px;margin-right:8px;vertical-align:middle}
      details{margin:10px 0}summary{cursor:pointer;font-weight:600}
      pre{background:var(--panel);border:1px solid var(--edge);border-radius:6px;padding:10px 12px;margin:8px 0;\
      white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.45 ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace}
      @media (max-width:520px){body{padding:16px 12px 32px}figure{padding:8px}svg text{font-size:13.5px}svg .number{font-size:12.5px}
      \(paragraphs(".runs"))}
      @media print{details::details-content{content-visibility:visible}body{max-width:none;padding:0;font-size:11pt}.figures{grid-template-columns:1fr 1fr}\
      h2,h3{break-after:avoid}.wide{overflow:visible}table{font-size:9pt}th,.runs th,td,.runs td{white-space:normal;\
      padding-right:8px;overflow-wrap:anywhere}pre,tr{break-inside:avoid}
      \(paragraphs(".many"))}
      """
}
