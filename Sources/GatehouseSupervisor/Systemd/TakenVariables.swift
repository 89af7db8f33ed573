internal import Glibc

/// Variables that are meant for this process alone.
enum TakenVariables {
    /// Reads variables and removes them, so that no worker, and nothing that a module starts, believes itself
    /// addressed. Call it while the process has one thread: the environment has no lock.
    static func take(_ names: [String]) -> [String: String] {
        var taken: [String: String] = [:]
        for name in names {
            if let value = getenv(name) { taken[name] = String(cString: value) }
            unsetenv(name)
        }
        return taken
    }
}
