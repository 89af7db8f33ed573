/// The lines of text that `gatehouse build` writes into an ELF section of a module, readable without loading it.
///
/// ```
/// gatehouse-stamp 1
/// sdk=575c401594f868706019c18e8d491c5571bb3b08
/// compiler=Clang 21.0.0 (https://github.com/swiftlang/llvm-project.git 11673e66)
/// swift=Swift version 6.3.1 (swift-6.3.1-RELEASE)
/// module=Hello
/// version=1.0.0
/// ```
/// Keys that a reader does not know are skipped, so that later versions can add some.
public struct ModuleStamp: Sendable, Equatable {
    /// The ELF section that holds it.
    public static let section = ".gatehouse.stamp"
    /// A stamp is some 250 bytes.
    static let largestSection = 4_096
    private static let firstLine = "gatehouse-stamp 1"

    /// The build id of the `libGatehouseRuntime.so` that the module was compiled against, in hexadecimal digits.
    public var sdk: String
    /// The compiler's identity, ``SDKCompiler/identity``, compared as a whole.
    public var compiler: String
    /// The Swift compiler's version as `swiftc --version` prints it, for people.
    public var swift: String
    /// The Swift module's name.
    public var module: String
    /// The module's version as its author gave it.
    public var version: String

    public init(sdk: String, compiler: String, swift: String, module: String, version: String) {
        self.sdk = sdk
        self.compiler = compiler
        self.swift = swift
        self.module = module
        self.version = version
    }

    /// The stamp in a section's bytes; `nil` if they are none. Control characters, which would reach logs, are refused.
    public init?(section bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        guard lines.first.map(String.init) == Self.firstLine else { return nil }
        var values: [Substring: String] = [:]
        for line in lines.dropFirst() {
            guard let equals = line.firstIndex(of: "="),
                line.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }),
                values.updateValue(String(line[line.index(after: equals)...]), forKey: line[..<equals]) == nil
            else { return nil }
        }
        guard let sdk = values["sdk"], let compiler = values["compiler"], let module = values["module"],
            let version = values["version"], !sdk.isEmpty, !compiler.isEmpty,
            // The module's files lie in a folder of this name.
            !module.isEmpty, !module.contains("/"), !module.hasPrefix(".")
        else { return nil }
        self.init(sdk: sdk, compiler: compiler, swift: values["swift"] ?? compiler, module: module, version: version)
    }

    /// The section's text.
    public var text: String {
        """
        \(Self.firstLine)
        sdk=\(sdk)
        compiler=\(compiler)
        swift=\(swift)
        module=\(module)
        version=\(version)

        """
    }
}
