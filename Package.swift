// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours: Swift 6 mode is the tools version's default, so only what goes beyond it stands here.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// Async functions of these stay on their caller's executor: a small request has nothing to gain from hops.
let callersExecutor: [SwiftSetting] = strict + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]

let package = Package(
    name: "gatehouse",
    platforms: [.macOS(.v26)],
    products: [
        // Products that module authors name in their own Package.swift.
        .library(name: "GatehouseSDK", targets: ["Gatehouse"]),
        .library(name: "GatehouseTesting", targets: ["GatehouseTesting"]),
        // One copy of every Swift type for the host and all the modules it loads: see DESIGN.md, "The runtime library".
        .library(
            name: "GatehouseRuntime", type: .dynamic,
            targets: [
                "GatehouseSystem", "GatehouseWire", "GatehouseServer", "Gatehouse", "GatehousePlan",
                "GatehouseModuleFile", "GatehouseWorker",
            ]),
        .executable(name: "gatehouse", targets: ["GatehouseCLI"]),
        .executable(name: "gatehouse-worker", targets: ["GatehouseLauncher"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.14.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.9.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.0"),
    ],
    targets: [
        .systemLibrary(name: "CFastCGI", providers: [.apt(["libfcgi-dev"])]),
        .target(name: "CGatehouseSystem"),
        .target(name: "GatehouseSystem", dependencies: ["CGatehouseSystem"], swiftSettings: strict),
        .target(name: "GatehouseWire", dependencies: ["CFastCGI"], swiftSettings: strict),
        .target(
            name: "GatehouseServer",
            dependencies: [
                "GatehouseWire", "GatehousePlan", "GatehouseSystem", "CGatehouseSystem",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: callersExecutor),
        .target(
            name: "Gatehouse",
            dependencies: [
                "GatehouseServer", "GatehouseWire", "GatehousePlan", "GatehouseSystem", "CGatehouseSystem",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ], swiftSettings: callersExecutor),
        .target(name: "GatehousePlan", dependencies: ["GatehouseWire"], swiftSettings: strict),
        .target(
            name: "GatehouseControl", dependencies: ["GatehousePlan", "GatehouseSystem"], swiftSettings: strict),
        .target(
            name: "GatehouseModuleFile", dependencies: ["CGatehouseSystem", "GatehousePlan", "GatehouseSystem"],
            swiftSettings: strict),
        .target(
            name: "GatehouseConfiguration",
            dependencies: ["GatehousePlan", "GatehouseSystem", .product(name: "Yams", package: "Yams")],
            swiftSettings: strict),
        .target(
            name: "GatehouseClient",
            dependencies: ["CFastCGI", "GatehousePlan", "GatehouseSystem", "GatehouseWire"], swiftSettings: strict),
        .target(
            name: "GatehouseWorker",
            dependencies: [
                "Gatehouse", "GatehouseServer", "GatehouseWire", "GatehousePlan", "GatehouseModuleFile",
                "GatehouseSystem", "CGatehouseSystem",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: strict),
        .target(
            name: "GatehouseSupervisor",
            dependencies: [
                "GatehouseConfiguration", "GatehouseControl", "GatehouseModuleFile", "GatehousePlan",
                "CGatehouseSystem", "GatehouseSystem",
            ], swiftSettings: strict),
        .executableTarget(
            name: "GatehouseCLI",
            dependencies: [
                "GatehouseConfiguration", "GatehouseControl", "GatehouseClient", "GatehouseModuleFile", "GatehousePlan",
                "GatehouseSupervisor", "GatehouseSystem", "GatehouseWire", "CGatehouseSystem",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: strict),
        .executableTarget(name: "GatehouseLauncher", swiftSettings: strict),
        .target(
            name: "GatehouseTesting",
            dependencies: [
                "Gatehouse", "GatehouseServer", "GatehouseClient", "GatehousePlan", "GatehouseSystem", "GatehouseWire",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: strict),
        .testTarget(
            name: "GatehouseSystemTests", dependencies: ["GatehouseSystem", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "GatehouseWireTests", dependencies: ["GatehouseWire", "GatehousePlan", "CFastCGI", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "OracleTests",
            dependencies: ["GatehouseWire", "GatehouseClient", "GatehousePlan", "GatehouseSystem", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "GatehouseServerTests",
            dependencies: [
                "GatehouseServer", "GatehouseWire", "GatehouseClient", "GatehouseTesting", "Gatehouse", "GatehousePlan",
                "CGatehouseSystem",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOCore", package: "swift-nio"),
            ], swiftSettings: strict),
        .testTarget(
            name: "GatehouseConfigurationTests",
            dependencies: [
                "GatehouseConfiguration", "GatehouseControl", "GatehousePlan", "GatehouseModuleFile", "TestSupport",
            ],
            swiftSettings: strict),
        .testTarget(
            name: "GatehouseSupervisorTests",
            dependencies: [
                "GatehouseSupervisor", "GatehouseConfiguration", "GatehouseControl", "GatehousePlan",
                "CGatehouseSystem", "GatehouseSystem", "TestSupport",
            ], swiftSettings: strict),
        .testTarget(
            name: "GatehouseCommandTests",
            dependencies: [
                "Gatehouse", "GatehouseCLI", "GatehousePlan",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: strict),
        // Code that several test targets share; no product has it.
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    ]
)
