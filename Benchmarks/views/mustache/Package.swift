// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that users of Gatehouse resolve nothing that only a benchmark needs.
let package = Package(
    name: "mustache-load",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.1.1")
    ],
    targets: [
        .executableTarget(
            name: "MustacheLoad",
            dependencies: [.product(name: "Mustache", package: "swift-mustache")])
    ]
)
