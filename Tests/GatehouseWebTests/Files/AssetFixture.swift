import Gatehouse
@testable import GatehouseWeb
import TestSupport

/// A module that serves a folder of assets and nothing else.
struct AssetModule: HandlerModule {
    let assets: Assets

    init(context: ModuleContext) async throws { assets = try Assets(context) }

    func routes(_ router: Router<WebContext>) {
        assets.add(to: router)
        assets.add("img/logo.svg", at: "/favicon.svg", to: router)
        router.get("/address") { [assets] request, _ in try assets[String(request.uri.query ?? "")] }
    }
}

/// A folder of resources with some assets.
func assetResources() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in ["assets", "assets/img", "assets/.git"] { _ = folder.makeFolder(name) }
    for (name, text) in [
        "app.css": "@import \"base.css\";\nbody { background: url(img/logo.svg) }", "base.css": "p { margin: 0 }",
        "img/logo.svg": "<svg/>", "a b%.txt": "odd", "app.js": "alert(1)", "app.js.gz": "GZ", "app.js.br": "B",
        ".secret": "no", ".git/config": "no",
    ] {
        try folder.write(Array(text.utf8), to: "assets/" + name)
    }
    try folder.write(Array("outside".utf8), to: "outside.txt")
    return folder
}
