internal import CGatehouseSystem

/// The compiler that this library was built with.
public enum SDKCompiler {
    /// What the toolchain's C compiler says of itself, commit included. A Swift toolchain brings its own, so the same
    /// text means the same toolchain, and it is known at compile time; a Swift compiler's version is not.
    public static var identity: String { String(cString: gatehouse_compiler()) }
}
