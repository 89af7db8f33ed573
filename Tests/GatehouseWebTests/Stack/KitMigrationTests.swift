import Testing

@testable import GatehouseDatabase
@testable import GatehouseWeb

struct KitMigrationTests {
    /// `gatehouse migrate --dry-run` prints SQL, and of a step of code nothing but its name.
    @Test func `the kit's migrations are SQL for each dialect`() {
        for migration in [Migration].sessions + .signIn + .jobs {
            guard case .files(let files) = migration.work else {
                Issue.record("\(migration.name) is code")
                continue
            }
            #expect(Set(files.keys) == [.postgreSQL, .mySQL, .sqlite], "\(migration.name)")
        }
    }
}
