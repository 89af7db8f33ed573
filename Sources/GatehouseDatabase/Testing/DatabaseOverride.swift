/// The place of `ModuleTester` between a module's ``Database`` and its connections: the value of
/// `ModuleContext.databaseOverride`.
package protocol DatabaseOverride: Sendable {
    /// The settings of the database that the test wants, in place of those that the module has read.
    func settings(_ written: DatabaseSettings) -> DatabaseSettings

    /// The connections that the module uses, made of those that it would have.
    func source(_ real: any ConnectionSource) -> any ConnectionSource
}
