public import GatehouseConfiguration
public import GatehousePlan

extension Supervisor {
    /// The way in which the supervisor is started.
    public struct Options {
        /// The configuration that is served first.
        public var configuration: Configuration
        /// Reads the configuration anew; `nil` if it is the command line's.
        public var reload: (() throws(OperatorError) -> Configuration)?
        /// The configuration's file, for the status; empty if there is none.
        public var configurationFile: String
        /// The version, for the status.
        public var version: String
        /// The path of `gatehouse-worker`.
        public var workerProgram: String
        /// The path of this program, which an upgrade starts; empty if it is not known.
        public var program = ""
        /// The arguments that this program was started with.
        public var arguments: [String] = []
        /// Whether no other part of this process waits for children, so that those which it did not start are
        /// collected.
        public var collectsStrangers = true
        /// Whether a pool that cannot be started at the first start ends everything.
        public var isStrict = false
        /// Gets the lines that would go to standard error; `nil`: they go there.
        public var say: ((String) -> Void)?

        /// Options with everything that every start needs.
        public init(
            configuration: Configuration, reload: (() throws(OperatorError) -> Configuration)? = nil,
            configurationFile: String = "", version: String = "", workerProgram: String, say: ((String) -> Void)? = nil
        ) {
            self.configuration = configuration
            self.reload = reload
            self.configurationFile = configurationFile
            self.version = version
            self.workerProgram = workerProgram
            self.say = say
        }
    }
}
