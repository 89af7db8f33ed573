public import Gatehouse
import GatehouseSystem
public import Hummingbird
import Synchronization

/// A module's style sheets, scripts, images and fonts, served so that browsers fetch each version once.
///
/// ```swift
/// let assets = try Assets(context)
/// // in routes:
/// assets.add(to: router)
/// // in a page:
/// "<link rel=stylesheet href=\(try assets["app.css"])>"
/// ```
///
/// The files are those in `Resources/assets`. `assets["app.css"]` is `/blog/assets/app.3f2a9c1b.css`: the digits are a
/// hash of the content, so that browsers and caches may keep the answer for a year. Style sheets get the same names for
/// the files that they refer to. In development the names are plain, and a change is seen at once.
///
/// Only files that were there when the module was loaded can be asked for, and no hidden ones. Symbolic links are a
/// mistake.
public struct Assets: Sendable {
    let store: AssetStore
    private let path: String

    /// Reads the folder. In `init` of a module this blocks nobody.
    /// - Parameters:
    ///   - context: the context that the module's `init` was given.
    ///   - folder: the folder's name below the module's resources.
    ///   - path: the path of the files below the module's mount.
    /// - Throws: ``AssetError``: the folder is missing, a style sheet names a file that is not there. A module's `init`
    ///   lets it through.
    public init(_ context: ModuleContext, folder: String = "assets", path: String = "/assets") throws(AssetError) {
        self.path = path.hasPrefix("/") ? path : "/" + path
        store = try AssetStore(
            AssetFolder(path: "\(Paths.absolute(context.resourceFolder))/\(folder)"), mode: context.mode,
            prefix: context.mountPath + self.path + "/", logger: context.logger)
    }

    /// The address of a file, to be written into a page: `assets["img/logo.svg"]`.
    /// - Throws: ``AssetError`` if there is no such file. In production the log has that, and the result is the plain
    ///   address, so that a page is not lost for an image.
    public subscript(name: String) -> String {
        get throws(AssetError) { try store.address(of: name) }
    }

    /// Adds the route of the files.
    public func add<Context: RequestContext>(to router: some RouterMethods<Context>) {
        let prefix = path + "/"
        router.get(RouterPath(path + "/**")) { [store] request, _ in
            guard request.uri.path.hasPrefix(prefix) else { throw HTTPError(.notFound) }
            return try await store.respond(to: request, name: request.uri.path.dropFirst(prefix.count))
        }
    }

    /// Adds a route for one file at another place: browsers ask for `/favicon.ico` and `/robots.txt` by themselves.
    public func add<Context: RequestContext>(
        _ name: String, at place: RouterPath, to router: some RouterMethods<Context>
    ) {
        router.get(place) { [store] request, _ in
            try await store.respond(to: request, name: PercentCoding.encodedPath(name)[...])
        }
    }
}
