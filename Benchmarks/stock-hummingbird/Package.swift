// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that users of Gatehouse resolve nothing that only a benchmark needs.
let package = Package(
    name: "stock-hummingbird",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0")
    ],
    targets: [
        .executableTarget(
            name: "StockHummingbird",
            dependencies: [.product(name: "Hummingbird", package: "hummingbird")])
    ]
)
