import Files
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A folder of its own for one test, removed afterwards.
private func withTemporaryFolder(_ body: (String) throws -> Void) throws {
  let place = getenv("TMPDIR").map { String(cString: $0) } ?? P_tmpdir
  var template = Array(Path.join(place, "lsdnet-files-XXXXXX").utf8CString)
  _ = try #require(mkdtemp(&template))
  let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  defer {
    for entry in allNames(folder) {
      let path = Path.join(folder, entry)
      if rmdir(path) != 0 { unlink(path) }
    }
    rmdir(folder)
  }
  try body(folder)
}

/// Every name in a folder, the hidden ones too.
private func allNames(_ folder: String) -> [String] {
  guard let stream = opendir(folder) else { return [] }
  defer { closedir(stream) }
  var names: [String] = []
  while let entry = readdir(stream) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
    }
    if name != ".", name != ".." { names.append(name) }
  }
  return names
}

private func permissions(_ path: String) -> mode_t {
  var status = stat()
  return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
}

@Suite struct PathTests {
  @Test func partsOfPaths() {
    #expect(Path.name("a/b.tar.gz") == "b.tar.gz")
    #expect(Path.name("a/") == "a")
    #expect(Path.name("/") == "")
    #expect(Path.stem("a/b.tar.gz") == "b.tar")
    #expect(Path.stem("a.b/c") == "c")
    #expect(Path.stem(".hidden") == ".hidden")
    #expect(Path.fileExtension("a/B.JPG") == "jpg")
    #expect(Path.fileExtension("a.b/c") == "")
    #expect(Path.fileExtension(".hidden") == "")
    #expect(Path.fileExtension("a.") == "")
  }

  @Test(arguments: [
    ("a/b", "a"), ("b", "."), ("/b", "/"), ("/", "/"), ("a/b/", "a"), ("a//b", "a"), ("", "."), ("/a/b", "/a"),
  ])
  func parents(path: String, parent: String) {
    #expect(Path.parent(path) == parent)
  }

  @Test func joining() {
    #expect(Path.join("a", "b") == "a/b")
    #expect(Path.join("a/", "b") == "a/b")
    #expect(Path.join("", "b") == "b")
  }
}

@Suite struct ReadingTests {
  @Test(arguments: [0, 1, 65535, 65536, 65537, 3_000_000])
  func whatWasWrittenIsRead(count: Int) throws {
    try withTemporaryFolder { folder in
      let path = Path.join(folder, "bytes")
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
      try File.write(bytes, to: path)
      #expect(try File.read(path) == bytes)
      let mapped = try MappedFile(path)
      #expect(mapped.bytes.elementsEqual(bytes))
    }
  }

  @Test func aFileLongerThanTheLimitIsRefused() throws {
    try withTemporaryFolder { folder in
      let path = Path.join(folder, "bytes")
      try File.write([1, 2, 3], to: path)
      #expect(try File.read(path, limit: 3) == [1, 2, 3])
      #expect(throws: FileError.self) { try File.read(path, limit: 2) }
      // Files that do not tell their size beforehand.
      #expect(throws: FileError.self) { try File.read("/dev/zero", limit: 100_000) }
    }
  }

  #if os(Linux)
    @Test func aNameThatIsNotUTF8IsSaid() throws {
      try withTemporaryFolder { folder in
        let path = folder.utf8CString.dropLast() + "/caf".utf8CString.dropLast() + [CChar(bitPattern: 0xE9), 0]
        let file = open(Array(path), O_CREAT | O_WRONLY, 0o600)
        #expect(file >= 0)
        close(file)
        defer { unlink(Array(path)) }
        let name = try #require(Directory.list(folder).first)
        let error = #expect(throws: FileError.self) { try File.read(Path.join(folder, name)) }
        #expect(error?.reason == "its name is not UTF-8, so that it cannot be opened")
      }
    }
  #endif

  @Test func errorsNameTheFileAndTheNextStep() throws {
    try withTemporaryFolder { folder in
      let missing = Path.join(folder, "missing")
      let error = #expect(throws: FileError.self) { try File.read(missing) }
      #expect(error?.description == "\(missing): no such file or folder; check the path")
      #expect(throws: FileError(path: folder, reason: "is a folder", nextStep: "name a file in it")) {
        try File.read(folder)
      }
      #expect(throws: FileError.self) { try MappedFile(folder) }
      #expect(throws: FileError.self) { try MappedFile("/dev/null") }
      #expect(throws: FileError.self) { try File.read("") }
      #expect(throws: FileError.self) { try File.read("/dev/null\0x") }
    }
  }
}

@Suite struct WritingTests {
  @Test func aReplacedFileKeepsItsPermissionsAndNothingElseIsLeft() throws {
    try withTemporaryFolder { folder in
      let path = Path.join(folder, "text")
      try File.write("one", to: path)
      let mask = umask(0)
      umask(mask)
      #expect(permissions(path) == 0o666 & ~mask)
      chmod(path, 0o640)
      try File.write("two", to: path)
      #expect(permissions(path) == 0o640)
      #expect(try File.read(path) == Array("two".utf8))
      #expect(allNames(folder) == ["text"])
    }
  }

  @Test func aSymbolicLinkIsFollowed() throws {
    try withTemporaryFolder { folder in
      let path = Path.join(folder, "text")
      let link = Path.join(folder, "link")
      try File.write("one", to: path)
      #expect(symlink("text", link) == 0)
      try File.write("two", to: link)
      #expect(try File.read(path) == Array("two".utf8))
      #expect(allNames(folder).sorted() == ["link", "text"])
    }
  }

  @Test func devicesAreWrittenToDirectly() throws {
    try File.write("gone", to: "/dev/null")
    #expect(File.exists("/dev/null"))
  }

  @Test func aNameAsLongAsAllowedWorks() throws {
    try withTemporaryFolder { folder in
      try File.write("x", to: Path.join(folder, String(repeating: "n", count: 255)))
      let error = #expect(throws: FileError.self) {
        try File.write("x", to: Path.join(folder, String(repeating: "n", count: 256)))
      }
      #expect(error?.reason == "the name is too long")
      #expect(allNames(folder).count == 1)
    }
  }

  @Test func failuresLeaveNothing() throws {
    try withTemporaryFolder { folder in
      #expect(throws: FileError.self) { try File.write("x", to: folder) }
      #expect(throws: FileError.self) { try File.write("x", to: "\(folder)/none/text") }
      #expect(throws: FileError.self) { try File.write("x", to: "") }
      #expect(throws: FileError.self) { try File.write("x", to: "\(folder)/") }
      #expect(allNames(folder) == [])
    }
  }

  @Test func aFullDiskIsReported() throws {
    guard File.exists("/dev/full") else { return }
    let error = #expect(throws: FileError.self) { try File.write("x", to: "/dev/full") }
    #expect(error?.reason == "no space left")
  }
}

@Suite struct DirectoryTests {
  @Test func namesAreSortedAndHiddenOnesLeftOut() throws {
    try withTemporaryFolder { folder in
      for name in ["b", "a", ".hidden", "c"] { try File.write("", to: Path.join(folder, name)) }
      #expect(try Directory.list(folder) == ["a", "b", "c"])
      #expect(throws: FileError.self) { try Directory.list(Path.join(folder, "none")) }
      #expect(throws: FileError.self) { try Directory.list(Path.join(folder, "a")) }
    }
  }

  @Test func foldersAreMadeWithTheirParents() throws {
    try withTemporaryFolder { folder in
      let deep = "\(folder)/one"
      try Directory.create(deep + "/two/three")
      #expect(File.isDirectory(deep + "/two/three"))
      try Directory.create(deep + "/two/three/")
      try File.write("", to: deep + "/file")
      #expect(throws: FileError.self) { try Directory.create(deep + "/file") }
      #expect(throws: FileError.self) { try Directory.create(deep + "/file/four") }
      #expect(throws: FileError.self) { try Directory.create("") }
      for path in ["/two/three", "/two"] { rmdir(deep + path) }
      unlink(deep + "/file")
    }
  }
}
