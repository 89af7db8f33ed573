// Types of other libraries in the kit's API, so that a module which imports the kit can name them.
@_exported public import struct FoundationEssentials.Date
@_exported public import struct FoundationEssentials.UUID
