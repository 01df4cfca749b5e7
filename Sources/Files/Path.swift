/// The parts of a path, as text: no file is touched.
public enum Path {
  /// The last component: `b.tar.gz` of `a/b.tar.gz`, `a` of `a/`; empty for the root and for the empty path.
  public static func name(_ path: String) -> String {
    String(path.split(separator: "/").last ?? "")
  }

  /// The name without its last extension: `b.tar` of `a/b.tar.gz`; a leading dot starts no extension.
  public static func stem(_ path: String) -> String {
    let name = name(path)
    guard let dot = extensionDot(in: name) else { return name }
    return String(name[..<dot])
  }

  /// The last extension in lower case, without its dot: `jpg` of `a/B.JPG`; empty if there is none.
  public static func fileExtension(_ path: String) -> String {
    let name = name(path)
    guard let dot = extensionDot(in: name) else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }

  /// The folder that holds the last component: `a` of `a/b`, `.` of `b`, `/` of `/b`.
  public static func parent(_ path: String) -> String {
    var rest = path[...]
    func dropSlashes() { while rest.count > 1, rest.hasSuffix("/") { rest.removeLast() } }
    dropSlashes()
    guard let slash = rest.lastIndex(of: "/") else { return "." }
    rest = rest[...slash]
    dropSlashes()
    return String(rest)
  }

  /// `folder/name`, with one slash between.
  public static func join(_ folder: String, _ name: String) -> String {
    folder.isEmpty ? name : folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  private static func extensionDot(in name: String) -> String.Index? {
    guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return nil }
    return dot
  }
}
