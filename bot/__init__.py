"""The conversation: from an event on any channel to replies, and the messages the library sends by itself."""
