public import Gatehouse

extension KeyRing {
    /// The secrets of a module: those of its settings, or else of the file `session-keys` in its state folder, which is
    /// made once for all its workers and generations. In a test without settings, a new one.
    ///
    /// Workers on several hosts must have the same secrets, so there they belong into the settings:
    /// `settings: web: { keys: ["${credential:session-key}"] }`.
    /// - Throws: ``KeyRingError``. A module's `init` lets it through: the worker then logs it and does not start.
    public init(_ secrets: [String]?, for module: ModuleContext) throws(KeyRingError) {
        if let secrets {
            try self.init(secrets)
        } else if module.mode == .test {
            self = .random()
        } else {
            try self.init(Self.kept(by: module))
        }
    }

    private static func kept(by module: ModuleContext) throws(KeyRingError) -> [String] {
        let folder: String
        do { folder = try module.stateFolder } catch {
            throw KeyRingError("\(error), or write the secret of the sessions into the settings (web: { keys: […] })")
        }
        return try KeyFile(path: folder + "/session-keys").secrets()
    }
}
