public import FoundationEssentials
public import Gatehouse
public import Logging
public import NIOCore

/// A module's templates: Mustache files in `Resources/templates`, checked when they are loaded.
///
/// ```swift
/// let views = try Views(context: context)
/// router.get("/") { request, context in
///     try views.page("list", ListPage(entries: entries), context)
/// }
/// ```
///
/// A template's name is its path without the extension `.html`: `users/list` for `users/list.html`. `.xml` and `.txt`
/// stay in the name: `mail/welcome.txt`. In `.html` and `.xml` values are escaped; in `.txt` they are not.
public struct Views: Sendable {
    /// The time zone in which dates are written.
    public var timeZone = ViewTimeZone.utc
    /// The language in which dates, numbers and plurals are written.
    public var language = ViewLanguage.english
    /// The clock of `{{age(x)}}`, for tests.
    public var now: @Sendable () -> Date = { .now }

    let shelf: TemplateShelf
    let helpers: ViewHelpers
    let isStrict: Bool
    let mode: ModuleMode
    let logger: Logger

    /// Loads the templates of a module.
    /// - Parameters:
    ///   - context: its mode says whether a missing name is an error (in development and in tests) or empty and logged
    ///     (in a worker), and whether changed files are seen (in development).
    ///   - folder: the folder of templates below `Resources`.
    ///   - helpers: functions and global values besides the library's.
    ///   - limits: the bounds on templates and pages.
    /// - Throws: ``ViewsError`` with all mistakes, by file, line and column.
    public init(
        context: ModuleContext, folder: String = "templates", helpers: [ViewHelpers] = [], limits: ViewLimits = .init()
    ) throws(ViewsError) {
        try self.init(
            folder: context.resourceFolder + "/" + folder, mode: context.mode, logger: context.logger,
            helpers: helpers, limits: limits)
    }

    /// Loads the templates of a folder.
    /// - Throws: ``ViewsError`` with all mistakes, by file, line and column.
    public init(
        folder: String, mode: ModuleMode, logger: Logger, helpers: [ViewHelpers] = [], limits: ViewLimits = .init()
    ) throws(ViewsError) {
        let helpers = helpers.reduce(ViewHelpers.builtIn) { $0.adding($1) }
        let source = TemplateFolder(path: folder, limits: limits)
        self.init(
            shelf: try TemplateShelf(source, functions: helpers.functions, isLive: mode == .development),
            helpers: helpers, mode: mode, logger: logger)
    }

    /// Takes templates that are texts, for tests.
    /// - Parameters:
    ///   - templates: their texts, by file: `["list.html": "<p>{{title}}</p>"]`.
    ///   - mode: the mode, which says whether a missing name is an error.
    ///   - logger: a log for names that are missing.
    ///   - helpers: functions and global values besides the library's.
    ///   - limits: the bounds on templates and pages.
    /// - Throws: ``ViewsError`` with all mistakes, by file, line and column.
    public init(
        templates: [String: String], mode: ModuleMode = .test, logger: Logger = Logger(label: "views"),
        helpers: [ViewHelpers] = [], limits: ViewLimits = .init()
    ) throws(ViewsError) {
        let helpers = helpers.reduce(ViewHelpers.builtIn) { $0.adding($1) }
        self.init(
            shelf: try TemplateShelf(texts: templates, functions: helpers.functions, limits: limits),
            helpers: helpers, mode: mode, logger: logger)
    }

    private init(shelf: TemplateShelf, helpers: ViewHelpers, mode: ModuleMode, logger: Logger) {
        self.shelf = shelf
        self.helpers = helpers
        self.mode = mode
        self.logger = logger
        isStrict = mode != .production
    }

    /// The names of all templates.
    public var names: [String] {
        get throws(ViewsError) { try shelf.templates.templates.keys.sorted() }
    }

    /// Writes a template.
    /// - Parameters:
    ///   - name: the template's name.
    ///   - value: the page's values: anything `Encodable`, or a ``ViewValue``.
    ///   - context: the request's context, for global values; `nil` for a text that belongs to no request.
    /// - Throws: ``ViewProblem``: no such template, a name that is missing (not in production), a page beyond
    ///   ``ViewLimits``. In development ``ViewsError`` as well, if a template has become wrong.
    public func render(
        _ name: String, _ value: some Encodable, context: (any WebRequestContext)? = nil
    ) throws -> ByteBuffer {
        ByteBuffer(bytes: try bytes(name, value, context: context))
    }

    /// Writes a template to a text: the body of a mail, for example.
    /// - Throws: as ``render(_:_:context:)``.
    public func text(
        _ name: String, _ value: some Encodable, context: (any WebRequestContext)? = nil
    ) throws -> String {
        String(decoding: try bytes(name, value, context: context), as: UTF8.self)
    }

    private func bytes(
        _ name: String, _ value: some Encodable, context: (any WebRequestContext)?
    ) throws -> ArraySlice<UInt8> {
        var renderer = try renderer(name, value, context: context)
        let limit = shelf.limits.pageBytes
        if case .full = try renderer.run(upTo: limit) {
            throw ViewProblem("“\(name)” makes a page of more than \(limit) bytes: stream it, or show less at a time")
        }
        log(renderer.notes)
        renderer.template.expect(renderer.output.count)
        return renderer.output.take()
    }

    func renderer(
        _ name: String, _ value: some Encodable, context: (any WebRequestContext)?, canWait: Bool = false
    ) throws -> Renderer {
        let templates = try shelf.templates
        guard let template = templates[name] else { throw ViewProblem(templates.unknown(name)) }
        let environment = ViewEnvironment(
            now: now(), timeZone: timeZone, language: language, requestContext: context)
        return Renderer(
            template, of: templates, value: try ViewValue(encoding: value), environment: environment,
            globals: RequestGlobals(globals: helpers.globals, context: context), isStrict: isStrict, canWait: canWait)
    }

    /// Logs what was wrong with a page that was sent all the same, each place once.
    func log(_ problems: [ViewProblem]) {
        for problem in problems where shelf.isNew(problem) {
            logger.error("\(problem). The page was sent all the same; this place is logged once.")
        }
    }
}
