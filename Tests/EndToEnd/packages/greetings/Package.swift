// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "greetings",
    products: [.library(name: "Greetings", targets: ["Greetings"])],
    targets: [.target(name: "Greetings")]
)
