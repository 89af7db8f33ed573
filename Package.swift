// swift-tools-version: 6.2
import PackageDescription

// Products of other packages, by the name that an import has.
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "gatehouse",
    platforms: [.macOS(.v26)],
    products: [
        // Products that module authors name in their own Package.swift.
        .library(name: "GatehouseSDK", targets: ["Gatehouse", "GatehouseDatabase", "GatehouseWeb"]),
        .library(name: "GatehouseTesting", targets: ["GatehouseTesting"]),
        // One copy of every Swift type for the host and all the modules it loads: see DESIGN.md, "The runtime library".
        .library(
            name: "GatehouseRuntime", type: .dynamic,
            targets: [
                "GatehouseSystem", "GatehouseWire", "GatehouseServer", "Gatehouse", "GatehouseDatabase",
                "GatehousePlan", "GatehouseModuleFile", "GatehouseWorker",
            ]),
        // The objects of the kit library, of which scripts/build links those that the runtime library does not have.
        .library(name: "GatehouseWebObjects", type: .dynamic, targets: ["GatehouseWeb"]),
        .executable(name: "gatehouse", targets: ["GatehouseCLI"]),
        .executable(name: "gatehouse-worker", targets: ["GatehouseLauncher"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.14.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.9.0"),
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.0"),
    ],
    targets: [
        .systemLibrary(name: "CFastCGI", providers: [.apt(["libfcgi-dev"])]),
        .target(name: "CGatehouseSystem"),
        .target(name: "GatehouseSystem", dependencies: ["CGatehouseSystem"]),
        .target(name: "GatehouseWire", dependencies: ["CFastCGI"]),
        .target(
            name: "GatehouseServer",
            dependencies: [
                "GatehouseWire", "GatehousePlan", "GatehouseSystem", "CGatehouseSystem",
                nioCore, nioPosix, httpTypes, hummingbirdCore, logging,
            ]),
        .target(
            name: "Gatehouse",
            dependencies: [
                "GatehouseServer", "GatehouseWire", "GatehousePlan", "GatehouseSystem", "CGatehouseSystem",
                httpTypes, hummingbird, hummingbirdCore, logging, nioCore, nioPosix, serviceLifecycle, unixSignals,
            ]),
        .target(name: "CGatehouseDatabase"),
        .target(
            name: "GatehouseDatabase",
            dependencies: [
                "Gatehouse", "GatehouseServer", "GatehousePlan", "GatehouseSystem", "CGatehouseDatabase",
                "CGatehouseSystem",
                hummingbird, logging, serviceLifecycle,
            ]),
        .target(
            name: "GatehouseWeb",
            dependencies: [
                "Gatehouse", "GatehouseDatabase", "GatehouseServer", "GatehousePlan", "GatehouseSystem",
                "CGatehouseSystem",
                crypto, cryptoExtras, httpTypes, hummingbird, logging, nioCore, serviceLifecycle,
            ]),
        .target(name: "GatehousePlan", dependencies: ["GatehouseWire"]),
        .target(name: "GatehouseControl", dependencies: ["GatehousePlan", "GatehouseSystem"]),
        .target(name: "GatehouseModuleFile", dependencies: ["CGatehouseSystem", "GatehousePlan", "GatehouseSystem"]),
        .target(name: "GatehouseConfiguration", dependencies: ["GatehousePlan", "GatehouseSystem", yams]),
        .target(
            name: "GatehouseClient",
            dependencies: [
                "CFastCGI", "GatehousePlan", "GatehouseSystem", "GatehouseWire",
            ]),
        .target(
            name: "GatehouseWorker",
            dependencies: [
                "Gatehouse", "GatehouseDatabase", "GatehouseServer", "GatehouseWire", "GatehousePlan",
                "GatehouseModuleFile", "GatehouseSystem", "CGatehouseSystem",
                logging, nioCore, nioPosix, serviceLifecycle,
            ]),
        .target(
            name: "GatehouseSupervisor",
            dependencies: [
                "GatehouseConfiguration", "GatehouseControl", "GatehouseModuleFile", "GatehousePlan",
                "CGatehouseSystem", "GatehouseSystem",
            ]),
        .executableTarget(
            name: "GatehouseCLI",
            dependencies: [
                "GatehouseConfiguration", "GatehouseControl", "GatehouseClient", "GatehouseModuleFile",
                "GatehousePlan", "GatehouseSupervisor", "GatehouseSystem", "GatehouseWire", "CGatehouseSystem",
                argumentParser,
            ]),
        .executableTarget(name: "GatehouseLauncher"),
        .target(
            name: "GatehouseTesting",
            dependencies: [
                "Gatehouse", "GatehouseDatabase", "GatehouseServer", "GatehouseClient", "GatehousePlan",
                "GatehouseSystem", "GatehouseWire",
                httpTypes, logging, nioPosix, serviceLifecycle,
            ]),
        .testTarget(name: "GatehouseSystemTests", dependencies: ["GatehouseSystem", "TestSupport"]),
        .testTarget(
            name: "GatehouseWireTests",
            dependencies: [
                "GatehouseWire", "GatehousePlan", "CFastCGI", "TestSupport",
            ]),
        .testTarget(
            name: "OracleTests",
            dependencies: [
                "GatehouseWire", "GatehouseClient", "GatehousePlan", "GatehouseSystem", "TestSupport",
            ]),
        .testTarget(
            name: "GatehouseServerTests",
            dependencies: [
                "GatehouseServer", "GatehouseWire", "GatehouseClient", "GatehouseTesting", "Gatehouse",
                "GatehousePlan", "CGatehouseSystem", "GatehouseWorker",
                httpTypes, serviceLifecycle, hummingbird, hummingbirdCore, logging, nioCore,
            ]),
        .testTarget(
            name: "GatehouseDatabaseTests",
            dependencies: [
                "GatehouseDatabase", "Gatehouse", "GatehouseServer", "GatehousePlan", "GatehouseSystem",
                "GatehouseTesting", "CGatehouseDatabase", "TestSupport", "DatabaseTestSupport",
                httpTypes, hummingbird, logging, nioPosix, serviceLifecycle,
            ]),
        .testTarget(
            name: "GatehouseWebTests",
            dependencies: [
                "GatehouseWeb", "GatehouseDatabase", "Gatehouse", "GatehouseServer", "GatehousePlan", "GatehouseSystem",
                "GatehouseTesting", "TestSupport",
                crypto, cryptoExtras, httpTypes, hummingbird, logging, nioCore, serviceLifecycle,
            ]),
        // The parts of the application kit that use a database, over each kind of it.
        .testTarget(
            name: "GatehouseWebDatabaseTests",
            dependencies: [
                "GatehouseWeb", "GatehouseDatabase", "Gatehouse", "GatehouseServer", "GatehousePlan", "GatehouseSystem",
                "GatehouseTesting", "TestSupport", "DatabaseTestSupport",
                httpTypes, hummingbird, logging, nioCore, serviceLifecycle,
            ]),
        .testTarget(
            name: "GatehouseConfigurationTests",
            dependencies: [
                "GatehouseConfiguration", "GatehouseControl", "GatehousePlan", "GatehouseModuleFile", "GatehouseSystem",
                "TestSupport",
            ]),
        .testTarget(
            name: "GatehouseSupervisorTests",
            dependencies: [
                "GatehouseSupervisor", "GatehouseConfiguration", "GatehouseControl", "GatehousePlan",
                "CGatehouseSystem", "GatehouseSystem", "TestSupport",
            ]),
        .testTarget(
            name: "GatehouseCommandTests",
            dependencies: [
                "Gatehouse", "GatehouseCLI", "GatehouseConfiguration", "GatehousePlan",
                argumentParser,
            ]),
        .testTarget(name: "DatabaseTestSupportTests", dependencies: ["DatabaseTestSupport", "GatehouseSystem"]),
        // The samples that have tests, so that these can run them.
        .executableTarget(
            name: "Notes", dependencies: ["Gatehouse", "GatehouseDatabase", "GatehouseWeb", serviceLifecycle],
            path: "samples/notes/Sources"),
        .testTarget(
            name: "NotesTests",
            dependencies: ["Notes", "Gatehouse", "GatehouseDatabase", "GatehouseTesting", "DatabaseTestSupport"],
            path: "samples/notes/Tests", exclude: ["notes.sql"]),
        .executableTarget(
            name: "Guestbook", dependencies: ["Gatehouse", "GatehouseDatabase", "GatehouseWeb", serviceLifecycle],
            path: "samples/guestbook/Sources"),
        .testTarget(
            name: "GuestbookTests",
            dependencies: [
                "Guestbook", "Gatehouse", "GatehouseDatabase", "GatehouseWeb", "GatehouseTesting",
                "DatabaseTestSupport",
            ],
            path: "samples/guestbook/Tests"),
        // Code that several test targets share; no product has it.
        .target(name: "TestSupport", dependencies: ["GatehouseSystem"], path: "Tests/TestSupport"),
        .target(
            name: "DatabaseTestSupport", dependencies: ["CGatehouseSystem", "GatehouseSystem", "TestSupport"],
            path: "Tests/DatabaseTestSupport",
            exclude: ["servers"]),
    ]
)

// Swift 6 mode is the tools version's default; these go beyond it.
let strict = ["ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility"]
/// Targets whose async functions stay on their caller's executor: a small request has nothing to gain from hops.
let callersExecutor = ["GatehouseServer", "Gatehouse", "GatehouseDatabase", "GatehouseWeb"]
for target in package.targets where target.type != .system && !target.name.hasPrefix("C") {
    let features = strict + (callersExecutor.contains(target.name) ? ["NonisolatedNonsendingByDefault"] : [])
    target.swiftSettings = features.map { .enableUpcomingFeature($0) }
}
