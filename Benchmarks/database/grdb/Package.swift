// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that users of Gatehouse resolve nothing that only a benchmark needs.
let package = Package(
    name: "grdb-load",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0")
    ],
    targets: [
        .executableTarget(
            name: "GRDBLoad",
            dependencies: [.product(name: "GRDB", package: "GRDB.swift")])
    ]
)
