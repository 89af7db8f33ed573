// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// libFuzzer programs for the wire, for what a database's server sends, for forms and for templates. A package of its
/// own, so that nobody who uses Gatehouse builds it; it shares the sources by symbolic link and so resolves no
/// dependency. `scripts/fuzz` builds it with the flags that it needs.
let package = Package(
    name: "gatehouse-fuzz",
    targets: [
        .systemLibrary(name: "CFastCGI", providers: [.apt(["libfcgi-dev"])]),
        .target(name: "GatehouseWire", dependencies: ["CFastCGI"], swiftSettings: strict),
        .target(name: "CGatehouseSystem"),
        .target(name: "GatehouseSystem", dependencies: ["CGatehouseSystem"], swiftSettings: strict),
        .target(
            name: "GatehousePlan", dependencies: ["CGatehouseSystem", "GatehouseSystem", "GatehouseWire"],
            swiftSettings: strict),
        .target(
            name: "GatehouseClient",
            dependencies: ["CFastCGI", "GatehousePlan", "GatehouseSystem", "GatehouseWire"], swiftSettings: strict),
        // The parts that decode and render; the rest needs libraries that this package does not have.
        .target(
            name: "GatehouseDatabase", dependencies: ["GatehouseSystem"],
            sources: [
                "DatabaseError.swift", "DatabaseError+Making.swift", "Rows", "Statements", "Values",
            ],
            swiftSettings: strict),
        // Forms and templates, without what needs Hummingbird.
        .target(
            name: "GatehouseWeb", dependencies: ["GatehouseSystem"],
            sources: [
                "Dates", "Forms/Decoding", "Forms/Fields", "Forms/Pages", "Forms/Validation", "Multipart/Parser",
                "Views/Checks", "Views/Dates", "Views/Functions", "Views/Language", "Views/Rendering", "Views/Values",
                "Views/ViewLimits.swift", "Views/ViewProblem.swift",
            ],
            swiftSettings: strict + [.enableUpcomingFeature("NonisolatedNonsendingByDefault")]),
        .target(name: "FuzzSupport", dependencies: ["GatehouseWire", "GatehouseClient"], swiftSettings: strict),
    ]
        + ["FuzzFastCGI", "FuzzParameters", "FuzzSCGI", "FuzzUWSGI", "FuzzResponseHead", "FuzzConnection"].map { name in
            .executableTarget(
                name: name, dependencies: ["FuzzSupport", "GatehouseWire", "GatehouseClient"], swiftSettings: strict)
        }
        + ["FuzzDatabaseValues", "FuzzDatabaseArrays", "FuzzStatements"].map { name in
            .executableTarget(name: name, dependencies: ["FuzzSupport", "GatehouseDatabase"], swiftSettings: strict)
        }
        + ["FuzzForms", "FuzzMultipart", "FuzzTemplates"].map { name in
            .executableTarget(name: name, dependencies: ["FuzzSupport", "GatehouseWeb"], swiftSettings: strict)
        }
)
