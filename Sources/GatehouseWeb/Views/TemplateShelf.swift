import Synchronization

/// The templates as they are at this moment: fixed after loading, or, in development, as the files are.
final class TemplateShelf: Sendable {
    /// The most places that are remembered as logged.
    private static let mostLogged = 1_000

    let limits: ViewLimits
    private let fixed: TemplateSet
    private let live: Live?
    private let logged = Mutex<Set<String>>([])

    /// The means to load the folder again, and the outcome of the last time.
    private final class Live: Sendable {
        let folder: TemplateFolder
        let functions: [String: ViewFunction]
        let last: Mutex<(stamps: [TemplateFolder.Stamp], result: Result<TemplateSet, ViewsError>)>

        init(
            _ folder: TemplateFolder, _ functions: [String: ViewFunction], _ stamps: [TemplateFolder.Stamp],
            _ set: TemplateSet
        ) {
            self.folder = folder
            self.functions = functions
            last = Mutex((stamps, .success(set)))
        }
    }

    init(
        _ folder: TemplateFolder, functions: [String: ViewFunction], isLive: Bool
    ) throws(ViewsError) {
        limits = folder.limits
        let stamps = try folder.stamps()
        let set = try Self.load(folder, stamps, functions)
        fixed = set
        live = isLive ? Live(folder, functions, stamps, set) : nil
    }

    init(
        texts: [String: String], functions: [String: ViewFunction], limits: ViewLimits
    ) throws(ViewsError) {
        self.limits = limits
        live = nil
        let sources = texts.sorted { $0.key < $1.key }.compactMap { file, text in
            TemplateFolder.nameAndKind(file).map {
                TemplateSet.Source(name: $0.name, file: file, kind: $0.kind, bytes: Array(text.utf8))
            }
        }
        fixed = try Self.parse(sources, "memory", functions, limits)
    }

    private static func load(
        _ folder: TemplateFolder, _ stamps: [TemplateFolder.Stamp], _ functions: [String: ViewFunction]
    ) throws(ViewsError) -> TemplateSet {
        try parse(folder.read(stamps), folder.path, functions, folder.limits)
    }

    private static func parse(
        _ sources: [TemplateSet.Source], _ folder: String, _ functions: [String: ViewFunction], _ limits: ViewLimits
    ) throws(ViewsError) -> TemplateSet {
        do {
            return try TemplateSet(sources, functions: functions, limits: limits)
        } catch {
            throw ViewsError(folder: folder, problems: error.problems)
        }
    }

    /// The templates. In development the files are looked at first, and loaded again if one has changed.
    var templates: TemplateSet {
        get throws(ViewsError) {
            guard let live else { return fixed }
            return try Self.current(live)
        }
    }

    private static func current(_ live: Live) throws(ViewsError) -> TemplateSet {
        let stamps = try live.folder.stamps()
        let known = live.last.withLock { $0.stamps == stamps ? $0.result : nil }
        if let known { return try known.get() }
        let result: Result<TemplateSet, ViewsError>
        do {
            result = .success(try load(live.folder, stamps, live.functions))
        } catch {
            result = .failure(error)
        }
        live.last.withLock { $0 = (stamps, result) }
        return try result.get()
    }

    /// The files' texts as they are now, for a page that shows a mistake.
    func sources() throws(ViewsError) -> [String: [UInt8]] {
        guard let folder = live?.folder else { return [:] }
        let sources = try folder.read(folder.stamps())
        return Dictionary(sources.map { ($0.file, $0.bytes) }) { one, _ in one }
    }

    /// Whether a problem has not been logged yet.
    func isNew(_ problem: ViewProblem) -> Bool {
        logged.withLock {
            $0.count < Self.mostLogged && $0.insert("\(problem.file):\(problem.line):\(problem.column)").inserted
        }
    }
}
