"""The victim's own words and wishes for a meeting, in versions: what she said, not what others think she meant."""

from pydantic import Field

from app.domain.errors import FieldProblem
from app.domain.fields import Flag, Form, Long


class VoiceForm(Form):
    """said: in her own words. wishes: what she wants the meeting to do. declined: she was asked, and would not."""

    said: Long = Field(None, title="In their own words")
    wishes: Long = Field(None, title="What they want to happen")
    declined: Flag = Field(False, title="They do not want to say")

    def problems(self) -> tuple[FieldProblem, ...]:
        """What is missing, or cannot be said together."""
        if self.declined and (self.said or self.wishes):
            text = "Either write what they said, or say that they do not want to say. Not both."
            return (FieldProblem("/declined", "contradicts", text),)
        if not (self.declined or self.said or self.wishes):
            text = "Write what they said or what they want, or say that they do not want to say."
            return (FieldProblem("/said", "required", text),)
        return ()
