/// How a report looks: light or dark as the reader's system has it.
enum ReportStyle {
  /// Methods beyond so many start again with the first colour.
  static let colours = 6

  static let css = """
    :root {
      color-scheme: light dark;
      --ground: #f7f7f5; --card: #ffffff; --ink: #1d2129; --soft: #667080; --rule: #dfe2e7;
      --m0: #2563c9; --m1: #d9480f; --m2: #2b8a3e; --m3: #9c36b5; --m4: #b58900; --m5: #0b7285;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #14161a; --card: #1d2026; --ink: #e8eaee; --soft: #98a2b1; --rule: #333841;
        --m0: #74a8ff; --m1: #ff9d6c; --m2: #69d98a; --m3: #e39bf5; --m4: #e8c14f; --m5: #5cd0e4;
      }
    }
    * { box-sizing: border-box; }
    body { margin: 0 auto; max-width: 1480px; padding: 2rem 1.5rem 4rem; background: var(--ground); color: var(--ink);
      font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
    h1 { font-size: 1.75rem; margin: 0; letter-spacing: -.01em; }
    h2 { font-size: 1.15rem; margin: 2.4rem 0 .8rem; }
    p { max-width: 75ch; margin: .4rem 0; }
    .soft, figcaption, .note { color: var(--soft); }
    .card { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 1rem 1.2rem; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%; font-size: .93rem; font-variant-numeric: tabular-nums; }
    th { font-weight: 600; color: var(--soft); font-size: .85rem; }
    th, td { padding: .42rem .55rem; text-align: right; border-bottom: 1px solid var(--rule); white-space: nowrap; }
    tr:last-child td { border-bottom: 0; }
    th:first-child, td:first-child { text-align: left; }
    td small { color: var(--soft); margin-left: .35em; }
    td.lead { font-weight: 700; }
    dl { margin: 0; font-size: .92rem; }
    dt { font-weight: 600; margin-top: .5rem; }
    dd { margin: 0; color: var(--soft); }
    .key { display: inline-block; width: .75em; height: .75em; border-radius: 50%; margin-right: .5em; }
    .plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(360px, 1fr)); gap: 1rem; align-items: start; }
    .plots h3 { font-size: .95rem; margin: 0 0 .4rem; }
    .plot { display: block; width: 100%; max-width: 620px; margin: 0 auto; }
    .grid { stroke: var(--rule); fill: none; }
    .tick, .axis, .isolabel { fill: var(--soft); font: 12px system-ui, sans-serif; }
    .iso { stroke: var(--soft); stroke-dasharray: 2 4; fill: none; opacity: .55; }
    .isolabel { font-size: 10px; opacity: .8; }
    .curve { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; }
    .best { fill: var(--c); stroke: var(--card); stroke-width: 1.5; }
    .dot { fill: var(--c); opacity: .38; }
    .whisker { stroke: var(--c); stroke-width: 3; stroke-linecap: round; }
    .bar { position: sticky; top: 0; z-index: 2; display: flex; flex-wrap: wrap; gap: .4rem 1.4rem; align-items: center;
      margin: 0 -1.5rem; padding: .6rem 1.5rem; background: var(--ground); border-bottom: 1px solid var(--rule); }
    .bar label { display: inline-flex; align-items: center; gap: .4em; cursor: pointer; }
    .gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(calc(340px * var(--methods)), 1fr)); gap: 1rem; }
    .gallery .card { padding: .6rem; }
    .gallery .card.wide { grid-column: 1 / -1; }
    .name { display: flex; justify-content: space-between; gap: 1rem; padding: .1rem .2rem .5rem; font-weight: 600;
      overflow-wrap: anywhere; }
    .row { display: grid; grid-template-columns: repeat(var(--methods), 1fr); gap: .6rem; }
    .wide .row { grid-template-columns: 1fr; }
    figure { margin: 0; min-width: 0; cursor: zoom-in; }
    .wide figure { cursor: zoom-out; }
    .layers { position: relative; border-radius: 5px; overflow: hidden; background: #000; }
    .layers > * { position: absolute; inset: 0; width: 100%; height: 100%; background-size: 100% 100%; }
    .photo { filter: grayscale(.75) brightness(.62); }
    figcaption { font-size: .85rem; padding: .35rem .2rem 0; font-variant-numeric: tabular-nums; }
    body:has(#photo:not(:checked)) .photo, body:has(#hits:not(:checked)) .hits,
    body:has(#misses:not(:checked)) .misses, body:has(#alarms:not(:checked)) .alarms { display: none; }
    summary { cursor: pointer; font-weight: 600; margin: 2rem 0 .6rem; }

    """ + (0..<colours).map { ".m\($0) { --c: var(--m\($0)); }\n" }.joined()

  /// The colours of pixels over photographs, told apart by people who see few colours as well.
  static let hit = (red: UInt8(52), green: UInt8(226), blue: UInt8(190))
  static let miss = (red: UInt8(255), green: UInt8(209), blue: UInt8(38))
  static let falseAlarm = (red: UInt8(255), green: UInt8(74), blue: UInt8(134))

  /// A click on a picture enlarges it.
  static let script = """
    document.querySelectorAll("figure").forEach(figure => figure.addEventListener("click", () => {
      const card = figure.closest(".card");
      card.classList.toggle("wide");
      card.scrollIntoView({ block: "nearest", behavior: "smooth" });
    }));
    """
}

/// Text for HTML content and attributes.
func escapedForHTML(_ text: String) -> String {
  var escaped = ""
  for character in text {
    switch character {
    case "&": escaped += "&amp;"
    case "<": escaped += "&lt;"
    case ">": escaped += "&gt;"
    case "\"": escaped += "&quot;"
    default: escaped.append(character)
    }
  }
  return escaped
}
