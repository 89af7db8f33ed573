/// What a pool's processes are to the operating system.
public struct ProcessSettings: Equatable, Sendable {
    /// `user: app`; with it come the user's own group and supplementary groups. `nil`: the supervisor's.
    public var user: Account?
    /// `group: app`, instead of the user's own.
    public var group: UInt32?
    /// `environment: { LANG: C.UTF-8 }`. Nothing else is there but PATH, HOME, USER and LOGNAME.
    public var environment: [String: String] = [:]
    /// Whether the supervisor's own environment is passed on: where it is started from a command line, by somebody who
    /// tries a module, and never where a configuration says what there is.
    public var inheritsEnvironment = false
    /// `directory: /srv/app`; `nil` is `/`.
    public var directory: String?
    /// `nice: 5`, from -20 to 19.
    public var nice: Int?
    /// `cpus: [0, 1]` or `cpus: 0-3,6`.
    public var processors: [Int]?
    /// `rlimits: { open-files: 65536, core: 0 }`
    public var resourceLimits: [ResourceLimit] = []

    public init() {}

    public struct Account: Equatable, Sendable {
        public var name: String
        public var user: UInt32
        public var group: UInt32
        public var home: String
        /// With `group` among them.
        public var groups: [UInt32]

        public init(name: String, user: UInt32, group: UInt32, home: String, groups: [UInt32]) {
            self.name = name
            self.user = user
            self.group = group
            self.home = home
            self.groups = groups
        }
    }

    public struct ResourceLimit: Equatable, Sendable {
        /// RLIMIT_NOFILE and its kin (getrlimit(2)).
        public var resource: Int32
        /// Soft and hard; `nil` is unlimited.
        public var value: UInt64?

        public init(resource: Int32, value: UInt64?) {
            self.resource = resource
            self.value = value
        }
    }
}
