"""SIP2, what kiosks and lockers speak: frames (codec), their layout (messages), and who answers them."""
