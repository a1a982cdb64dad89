"""The enrolment station: a program on the desk PC, with its page on loopback."""
