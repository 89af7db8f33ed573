import CGatehouseSystem

/// What this process was started with, its own name included.
package enum ProcessArguments {
    package static let all = (0..<Int(gatehouse_argument_count())).compactMap { index in
        gatehouse_argument_words()[index].map { String(cString: $0) }
    }
}
