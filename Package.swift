// swift-tools-version: 6.2
import PackageDescription

// The kernels on maps, on pixels and on the cells of fields are one set of sources each, compiled once per instruction set into
// modules of their own (folders linked to the first) and chosen at run time. They are optimised in debug builds too: a debug
// build of SIMD code is hundreds of times slower. `-Ounchecked` holds for these targets alone.
let optimised = ["-Ounchecked"]

let avx512 = optimised + ["-Xcc", "-march=x86-64-v4", "-Xcc", "-mavx512vnni"]

var kernelTargets: [Target] = [
  .target(
    name: "ConvKernels", dependencies: ["KernelInterface", "RegisterTiles", "VectorIntrinsics"],
    swiftSettings: [.unsafeFlags(optimised)])
]
#if arch(x86_64)
  kernelTargets += [
    .target(
      name: "ConvKernelsAVX2", dependencies: ["KernelInterface", "RegisterTiles", "VectorIntrinsics"],
      swiftSettings: [.unsafeFlags(optimised + ["-Xcc", "-march=x86-64-v3"]), .define("AVX2")]),
    .target(
      name: "ConvKernelsAVX512", dependencies: ["KernelInterface", "RegisterTiles", "VectorIntrinsics"],
      swiftSettings: [.unsafeFlags(avx512), .define("AVX512")]),
    .target(
      name: "ConvKernelsAVX512Half", dependencies: ["KernelInterface", "RegisterTiles", "VectorIntrinsics"],
      swiftSettings: [.unsafeFlags(avx512 + ["-Xcc", "-DHALF_VECTORS"]), .define("AVX512HALF")]),
  ]
#endif
let kernels = kernelTargets.map { Target.Dependency(stringLiteral: $0.name) }

var pixelKernelTargets: [Target] = [
  .target(name: "PixelKernels", dependencies: ["VectorIntrinsics"], swiftSettings: [.unsafeFlags(optimised)])
]
#if arch(x86_64)
  pixelKernelTargets.append(
    .target(
      name: "PixelKernelsAVX2", dependencies: ["VectorIntrinsics"],
      swiftSettings: [.unsafeFlags(optimised + ["-Xcc", "-march=x86-64-v3"])]))
#endif
let pixelKernels = pixelKernelTargets.map { Target.Dependency(stringLiteral: $0.name) }

var fieldKernelTargets: [Target] = [
  .target(name: "FieldKernels", dependencies: ["VectorIntrinsics"], swiftSettings: [.unsafeFlags(optimised)])
]
#if arch(x86_64)
  fieldKernelTargets.append(
    .target(
      name: "FieldKernelsAVX2", dependencies: ["VectorIntrinsics"],
      swiftSettings: [.unsafeFlags(optimised + ["-Xcc", "-march=x86-64-v3"])]))
#endif
let fieldKernels = fieldKernelTargets.map { Target.Dependency(stringLiteral: $0.name) }

let package = Package(
  name: "lsdnet",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "LSDNet", targets: ["LSDNet"]),
    .library(name: "LineGrowing", targets: ["LineGrowing"]),
    .executable(name: "lsdnet", targets: ["LSDNetCLI"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0")
  ],
  targets: kernelTargets + pixelKernelTargets + fieldKernelTargets + [
    // Whole-file reading and atomic writing.
    .target(name: "Files"),

    // What a line is, and the fields it is grown from.
    .target(name: "Lines"),
    .target(name: "LineGrowing", dependencies: ["Lines", "CPUFeatures"] + fieldKernels),

    .target(
      name: "EdgeFitting",
      dependencies: ["Images", "Lines", "VectorIntrinsics", "EmbeddedWeights", "CPUFeatures"] + pixelKernels),

    // The convolution runtime.
    .target(name: "CPUFeatures"),
    .target(name: "KernelInterface"),
    .target(name: "RegisterTiles"),
    .target(name: "VectorIntrinsics"),
    .target(
      name: "ConvReference", dependencies: ["KernelInterface"],
      // Scalar, but networks are run with it in tests.
      swiftSettings: [.unsafeFlags(["-O"])]),
    .target(
      name: "ConvNet", dependencies: ["KernelInterface", "ConvReference", "CPUFeatures", "ModelFormat"] + kernels),
    .target(name: "ModelFormat", dependencies: ["Files", "KernelInterface"]),
    .target(name: "ONNXImport", dependencies: ["ModelFormat", "KernelInterface"]),

    // Pictures.
    .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(name: "JPEGShim", dependencies: ["CJPEG"]),
    .target(
      name: "Images", dependencies: ["CPNG", "JPEGShim", "CPUFeatures"] + pixelKernels,
      swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]),

    // The detector.
    .target(
      name: "LineFields",
      dependencies: ["Lines", "Images", "ConvNet", "KernelInterface", "ModelFormat", "CPUFeatures"] + fieldKernels),
    .target(name: "EmbeddedWeights"),
    .target(
      name: "LSDNet",
      dependencies: [
        "Lines", "LineGrowing", "LineFields", "EdgeFitting", "Images", "ConvNet", "KernelInterface", "ModelFormat",
        "EmbeddedWeights",
      ]),

    // The tool.
    .target(name: "SegmentFormats", dependencies: ["Lines", "Images"]),
    // Optimised in debug builds too: the tests match millions of pixels against figures of reference, one by one.
    .target(name: "Benchmarking", dependencies: ["LSDNet", "ConvNet", "KernelInterface"]),
    .target(
      name: "Evaluation", dependencies: ["Files", "Lines", "Images", "SegmentFormats", "CZlib"],
      swiftSettings: [.unsafeFlags(["-O"], .when(configuration: .debug))]),
    .executableTarget(
      name: "LSDNetCLI",
      dependencies: [
        "LSDNet", "SegmentFormats", "Evaluation", "Benchmarking", "ONNXImport", "ConvNet", "KernelInterface",
        "CPUFeatures", "LineFields", "LineGrowing", "ModelFormat", "Files",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    .testTarget(name: "LineGrowingTests", dependencies: ["LineGrowing", "Lines"]),
    .testTarget(name: "FieldKernelsTests", dependencies: ["CPUFeatures"] + fieldKernels),
    .testTarget(name: "EdgeFittingTests", dependencies: ["EdgeFitting", "Images", "Lines"]),
    .testTarget(name: "ConvKernelsTests", dependencies: ["KernelInterface", "ConvReference", "CPUFeatures"] + kernels),
    // Counts what each thread allocates, to prove that frames after the first allocate nothing.
    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    .testTarget(
      name: "ConvNetTests",
      dependencies: [
        "ConvNet", "ConvReference", "KernelInterface", "ModelFormat", "ONNXImport", "Files", "AllocationCounter",
      ]),
    .testTarget(name: "ModelFormatTests", dependencies: ["ModelFormat", "KernelInterface", "Files"]),
    .testTarget(name: "ONNXImportTests", dependencies: ["ONNXImport", "ModelFormat", "KernelInterface"]),
    .testTarget(name: "FilesTests", dependencies: ["Files"]),
    .testTarget(name: "ImagesTests", dependencies: ["Images", "CPUFeatures", "Files"] + pixelKernels),
    .testTarget(
      name: "LineFieldsTests",
      dependencies: [
        "LineFields", "ConvNet", "ModelFormat", "KernelInterface", "EmbeddedWeights", "Lines", "Images",
      ]),
    .testTarget(name: "LSDNetTests", dependencies: ["LSDNet", "ModelFormat", "Files"]),
    .testTarget(name: "SegmentFormatsTests", dependencies: ["SegmentFormats", "Lines", "Images"]),
    .testTarget(
      name: "EvaluationTests", dependencies: ["Evaluation", "Lines", "Images", "Files"], exclude: ["Fixtures"]),
    .testTarget(name: "BenchmarkingTests", dependencies: ["Benchmarking", "LSDNet"]),
    .testTarget(name: "CommandLineTests", dependencies: ["LSDNetCLI", "Lines", "Images", "Files"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c2x
)
