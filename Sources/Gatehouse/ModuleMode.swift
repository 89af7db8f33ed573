/// The use that a module is started for. Parts that are instant in development and fast in production ask it.
public enum ModuleMode: Sendable {
    /// `swift run`: the author at work.
    case development
    /// `ModuleTester`.
    case test
    /// A worker.
    case production
}
