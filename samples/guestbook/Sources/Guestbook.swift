import Gatehouse
import GatehouseDatabase
import GatehouseWeb
import ServiceLifecycle

/// A guestbook: people sign up, write entries with pictures, and delete their own.
@main
struct Guestbook: HandlerModule {
    struct Settings: Decodable {
        /// The database, SQLite, PostgreSQL, MySQL or MariaDB: `url: …`. All others have defaults.
        var database: DatabaseSettings
        /// The folder of the pictures; without it one in the module's state folder.
        var pictures: String?
        /// The address of the owner, who is told of each entry, and the way of that mail.
        var owner: String?
        var mail: MailSettings?
    }

    let database: Database
    let jobs: Jobs
    let assets: Assets
    let stack: WebStack<AppContext>
    let entries: EntryRoutes
    let accounts: AccountRoutes

    init(context: ModuleContext) async throws {
        let settings = try context.settings(Settings.self)
        database = try Database(settings.database, context: context)
        try await database.migrate(.signIn + .jobs + .files(in: context.resourceFolder + "/migrations"))
        jobs = Jobs(database: database, context: context)
        assets = try Assets(context)
        let views = try Views(context: context, helpers: [Self.helpers(assets)])

        let people = PersonStore(database: database)
        accounts = AccountRoutes(store: people, throttle: SignInThrottle(database), views: views)

        let pictures = try Pictures(folder: settings.pictures ?? context.stateFolder + "/pictures")
        let store = EntryStore(database: database)
        let work = BackgroundWork(
            jobs: jobs, store: store, pictures: pictures, letters: try Letters(settings, views, context))
        work.register()
        entries = EntryRoutes(store: store, pictures: pictures, work: work, views: views)

        var stack = try WebStack<AppContext>(context: context)
        stack.errorPages = Problems.pages(views, mode: context.mode)
        stack.innermost = [SignIn<AppContext>(page: "/sign-in") { try await people.person($0) }]
        self.stack = stack
    }

    var services: [any Service] { [database, jobs] }

    func routes(_ router: Router<AppContext>) {
        assets.add(to: router)
        stack.add(to: router)
        entries.add(to: router)
        accounts.add(to: router)
    }

    /// Names that every template has, beside its page's own values.
    private static func helpers(_ assets: Assets) -> ViewHelpers {
        ViewHelpers(
            functions: ["asset": ViewFunction { .string(try assets[$0.text(0)]) }],
            globals: [
                "user": { context in
                    guard let user = (context as? AppContext)?.user else { return nil }
                    return ["name": .string(user.name)]
                },
                "flashes": { context in
                    .list(context.takeFlashes().map { ["text": .string($0.text)] })
                },
            ])
    }
}
