internal import GatehousePlan
internal import Glibc

/// A module's file, checked and open. Nothing of it has been loaded.
///
/// The descriptor stays open as long as the value lives: loading `descriptorPath` loads the very file that was checked,
/// whatever its name means by then.
public final class ModuleFile: Sendable {
    /// Absolute, links resolved.
    public let path: String
    public let stamp: ModuleStamp
    private let descriptor: Int32

    /// The path to give to the dynamic linker.
    public var descriptorPath: String { "/proc/self/fd/\(descriptor)" }

    private init(path: String, stamp: ModuleStamp, descriptor: Int32) {
        self.path = path
        self.stamp = stamp
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Opens the module at an absolute path: only root and the running user may be able to change it, it must be a
    /// shared object for this machine, and it must carry a stamp.
    public static func open(path: String) throws(ModuleFileError) -> ModuleFile {
        let (descriptor, resolvedPath) = try ModulePath.open(path)
        do {
            let stamp = try readStamp(descriptor, path: resolvedPath)
            return ModuleFile(path: resolvedPath, stamp: stamp, descriptor: descriptor)
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func readStamp(_ descriptor: Int32, path: String) throws(ModuleFileError) -> ModuleStamp {
        let section: [UInt8]?
        do throws(ELFImage.Malformed) {
            let image = try ELFImage(descriptor: descriptor)
            guard image.type == ELFImage.sharedObject else { throw ELFImage.Malformed("it is no shared library") }
            guard image.machine == ELFImage.thisMachine else {
                throw ELFImage.Malformed("it was built for another kind of processor")
            }
            section = try image.contents(ofSection: ModuleStamp.section, atMost: ModuleStamp.largestSection)
        } catch {
            throw ModuleFileError(
                "module \(path): \(error.reason); a module is a file that `gatehouse build` made", .notASharedObject)
        }
        guard let section else {
            throw ModuleFileError(
                "module \(path): it carries no stamp, so nobody can tell what it was built against: "
                    + "build it with `gatehouse build`", .unstampedModule)
        }
        guard let stamp = ModuleStamp(section: section) else {
            throw ModuleFileError(
                "module \(path): its stamp cannot be read: build it again with `gatehouse build`", .unstampedModule)
        }
        return stamp
    }

    /// Makes sure that the module was built against this very build of the SDK and by the same compiler: a Swift type's
    /// layout is fixed by both, and a module that assumes another layout corrupts memory instead of failing.
    ///
    /// - Parameters:
    ///   - sdk: the build id of the running `libGatehouseRuntime.so`.
    ///   - compiler: the compiler that built it, ``SDKCompiler/identity``.
    public func checkStamp(sdk: String, compiler: String) throws(ModuleFileError) {
        guard stamp.compiler == compiler else {
            throw ModuleFileError(
                "module \(path): \(stamp.module) was built by another compiler (\(stamp.swift); \(stamp.compiler)) "
                    + "than this Gatehouse (\(compiler)): build it again with this Gatehouse's `gatehouse build`",
                .otherCompiler)
        }
        guard stamp.sdk == sdk else {
            throw ModuleFileError(
                "module \(path): \(stamp.module) was built for another build of Gatehouse (\(stamp.sdk.prefix(12))) "
                    + "than this one (\(sdk.prefix(12))): build it again with this Gatehouse's `gatehouse build`",
                .otherSDK)
        }
    }
}
