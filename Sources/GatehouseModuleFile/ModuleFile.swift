public import GatehousePlan
internal import Glibc

/// A module's file, checked and copied to memory. Nothing of it has been loaded.
///
/// The copy stays open for as long as the value lives: loading `descriptorPath` loads the very bytes that were checked,
/// even if the file or its name has changed by then.
public final class ModuleFile: Sendable {
    public let stamp: ModuleStamp
    /// Whether it was linked against the kit library.
    public let usesKit: Bool
    private let copy: ModuleCopy

    /// Absolute, links resolved.
    public var path: String { copy.path }
    /// The path to give to the dynamic linker.
    public var descriptorPath: String { "/proc/self/fd/\(copy.descriptor)" }

    /// Checks a copy, which must be a shared object for this machine and carry a stamp.
    public init(_ copy: ModuleCopy) throws(OperatorError) {
        self.copy = copy
        (stamp, usesKit) = try Self.read(copy.descriptor, path: copy.path)
    }

    /// Copies the module at an absolute path, which only root and the running user may be able to change, and checks
    /// the copy.
    public static func open(path: String) throws(OperatorError) -> ModuleFile {
        try ModuleFile(ModuleCopy.make(of: path, for: geteuid()))
    }

    private static func read(
        _ descriptor: Int32, path: String
    ) throws(OperatorError) -> (ModuleStamp, usesKit: Bool) {
        let section: [UInt8]?
        let usesKit: Bool
        do throws(ELFImage.Malformed) {
            let image = try ELFImage(descriptor: descriptor)
            guard image.type == ELFImage.sharedObject else { throw ELFImage.Malformed("it is not a shared library") }
            guard image.machine == ELFImage.thisMachine else {
                throw ELFImage.Malformed("it was built for another kind of processor")
            }
            section = try image.contents(ofSection: ModuleStamp.section, atMost: ModuleStamp.largestSection)
            usesKit = try image.needs(KitLibrary.fileName)
        } catch {
            throw OperatorError(
                "module \(path): \(error.reason); a module is a file that `gatehouse build` made", .notASharedObject)
        }
        guard let section else {
            throw OperatorError(
                "module \(path): it carries no stamp, so nobody can tell what it was built against: "
                    + "build it with `gatehouse build`", .unstampedModule)
        }
        guard let stamp = ModuleStamp(section: section) else {
            throw OperatorError(
                "module \(path): its stamp cannot be read: build it again with `gatehouse build`", .unstampedModule)
        }
        return (stamp, usesKit)
    }

    /// Makes sure that the module was built against this very build of the SDK and by the same compiler: a Swift type's
    /// layout is fixed by both, and a module that assumes another layout corrupts memory instead of failing.
    ///
    /// - Parameters:
    ///   - sdk: the build id of the running `libGatehouseRuntime.so`.
    ///   - compiler: the compiler that built it, ``SDKCompiler/identity``.
    public func checkStamp(sdk: String, compiler: String) throws(OperatorError) {
        guard stamp.compiler == compiler else {
            throw OperatorError(
                "module \(path): \(stamp.module) was built by another compiler (\(stamp.swift); \(stamp.compiler)) "
                    + "than this Gatehouse (\(compiler)): build it again with this Gatehouse's `gatehouse build`",
                .otherCompiler)
        }
        guard stamp.sdk == sdk else {
            throw OperatorError(
                "module \(path): \(stamp.module) was built for another build of Gatehouse (\(stamp.sdk.prefix(12))) "
                    + "than this one (\(sdk.prefix(12))): build it again with this Gatehouse's `gatehouse build`",
                .otherSDK)
        }
    }
}
