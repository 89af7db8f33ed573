// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "greeter",
    dependencies: [
        .package(name: "gatehouse", path: "../../../.."),
        .package(path: "../greetings"),
    ],
    targets: [
        .executableTarget(
            name: "Greeter",
            dependencies: [
                .product(name: "GatehouseSDK", package: "gatehouse"),
                .product(name: "Greetings", package: "greetings"),
            ])
    ]
)
