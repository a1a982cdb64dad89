"""The desk's page: steps of an enrolment, rendered here, with a little script where a device needs it."""
