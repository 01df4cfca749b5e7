import Files
import Foundation
import Testing

@Suite struct FileIdentityTests {
  private let folder = Path.join(
    FileManager.default.temporaryDirectory.path, "identity-" + String(UInt64.random(in: 0 ... .max), radix: 36))

  @Test func linksLeadToOneFile() throws {
    try Directory.create(Path.join(folder, "a"))
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = Path.join(folder, "a/file")
    let link = Path.join(folder, "link")
    try File.write("x", to: file)
    try File.write("x", to: Path.join(folder, "other"))
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "a/file")
    #expect(File.identity(file) != nil)
    #expect(File.identity(file) == File.identity(link))
    #expect(File.identity(file) == File.identity(Path.join(folder, "a/../a//file")))
    #expect(File.identity(file) != File.identity(Path.join(folder, "other")))
    #expect(File.identity(Path.join(folder, "absent")) == nil)
  }

  @Test func relativePaths() throws {
    try Directory.create(Path.join(folder, "a/b"))
    try Directory.create(Path.join(folder, "c"))
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = Path.join(folder, "a/b/file")
    try File.write("x", to: file)
    #expect(File.relativePath(to: file, from: Path.join(folder, "a/b")) == "file")
    #expect(File.relativePath(to: file, from: folder) == "a/b/file")
    #expect(File.relativePath(to: file, from: Path.join(folder, "c")) == "../a/b/file")
    #expect(File.relativePath(to: file, from: Path.join(folder, "absent")) == nil)
  }
}
