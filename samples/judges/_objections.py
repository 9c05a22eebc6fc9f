"""The language of declining: which sentences decline a request, and which take it back."""

from __future__ import annotations

import re

_SUBJECT = r"(?:i|we|i['’]m|we['’]re|i am|we are|i['’]d|i['’]ll|this assistant|the assistant|web4 agent)"
_ADVERBS = r"(?:\s+(?:really|simply|just|therefore|also|unfortunately|respectfully|politely|have to|must|will|would|do|am|are|still|so|thus|hereby|currently|absolutely|definitely|clearly|strictly))*"
_CANNOT = (
    r"(?:can['’]?t|cannot|can not|won['’]?t|will not|shall not|shan['’]?t|must not|mustn['’]?t|may not|should not|shouldn['’]?t"
    r"|do not|don['’]?t|would not|wouldn['’]?t|could not|am not (?:able|allowed|permitted|going|willing) to|['’]m not (?:able|allowed|permitted|going|willing) to"
    r"|are not (?:able|allowed|permitted|going|willing) to|['’]re not (?:able|allowed|permitted|going|willing) to"
    r"|am unable to|['’]m unable to|are unable to|['’]re unable to|not (?:able|allowed|permitted|going|willing) to|unable to)"
)
_REFUSES = r"(?:refus(?:e|ing)|declin(?:e|ing)|reject(?:ing)?|pass on|turn(?:ing)? (?:this|that|it) down|say(?:ing)? no|object)"
_HEAD = r"(?:^|[,;:–—]\s*|\b(?:so|but|and|sorry|because|therefore|that|why|no|afraid|however|unfortunately|hence|here)[,:]?\s+)"
CANNOT = re.compile(
    rf"(?:{_HEAD}{_SUBJECT}{_ADVERBS}\s*{_CANNOT}|^(?:sorry|apologies|no|unfortunately|nope|hmm)?\W*(?:but\s+)?(?:can['’]?t|cannot|won['’]?t|will not|unable to|not able to|not going to|not willing to))\s+(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
REFUSES = re.compile(
    rf"(?:{_HEAD}{_SUBJECT}{_ADVERBS}\s+{_REFUSES}\b|^(?:respectfully |must |have to )?declin(?:ed|ing)\b|\b(?:request|this|that|it) is (?:declined|refused|rejected|denied)\b|^(?:request )?(?:declined|refused|denied|rejected)\b|\bmy answer is no\b|\bthe answer is no\b|^(?:a )?hard no\b|\bthis is a refusal\b)",
    re.IGNORECASE,
)
FLAT_NO = re.compile(
    r"^(?:no|nope|no way|absolutely not|certainly not|definitely not|sorry, no|not here|not happening|i['’]d rather not|no can do|out of the question)\s*(?:$|[.,:;!–—-])",
    re.IGNORECASE,
)
BANNED = re.compile(
    r"\b(?:(?:is|are|remains?|stays?|would be|it['’]s|that['’]s) (?:\w+ )?(?:banned|forbidden|prohibited|off[- ]limits|disallowed|not (?:allowed|permitted|acceptable|an option|ok|okay|possible here|done here|something (?:i|we) (?:can|will|do)))"
    r"|(?:violates?|breaks?|goes against|contradicts?|against|runs? against|would (?:violate|break|breach)|breach(?:es)?|conflicts? with) (?:\w+ ){0,4}?(?:rules?|policy|policies|guidelines?|principles?|pattern|convention|standard|process|cmm3|cmm4|web4|architecture|protocol|ban|constructor rule|law|security)"
    r"|(?:must|may|should|can) (?:never|not) be (?:\w+)"
    r"|(?:bans?|forbids?|prohibits?|disallows?|rules? out|does(?: not|n['’]t) (?:allow|permit|support)|do not (?:allow|permit)) "
    r"|never (?:belongs?|goes?|commit|store|put|skip|write|use)|(?:does not|doesn['’]t|do not|don['’]t) belong"
    r"|only (?:vitest|uses? vitest)|vitest only|vitest[- ]only)",
    re.IGNORECASE,
)  # fmt: skip
SIDE_VERBS = re.compile(
    r"^(?:yet |currently |directly |actually |really |quite |fully |also |even |just )*"
    r"(?:see|access|run|test|verify|tell|guarantee|know|recall|find|open|confirm|promise|remember|view|execute|check|browse|think of|"
    r"imagine|believe|say whether|say for sure|be sure|be certain|wait|stress|recommend|reproduce|have (?:access|a|the|any)|need|want to|see why|think|expect|mean|mind|overstate|emphasi[sz]e|"
    r"forget|worry|understand|reach|measure|predict|judge from|speak for)\b",
    re.IGNORECASE,
)
NOT_A_REFUSAL = re.compile(
    r"^(?:refuse|decline|say no|help but|agree more|object|stop you|deny|resist|complain|thank|have said|have put|wait|blame|not )",
    re.IGNORECASE,
)
GENERIC_MATTER = re.compile(
    r"\b(?:do (?:that|this|it|so)|help (?:you )?(?:with|to|do|in|there|here)|assist|comply|fulfil\w*|carry (?:this|that|it) out|go along|support (?:this|that)|"
    r"provide (?:that|this|it)|write (?:that|this|it)|produce (?:that|this|it)|generate (?:that|this|it)|honou?r|proceed|follow (?:this|that)|accept (?:this|that)|"
    r"(?:this|that|your|the) request|(?:do|make|give|create|write|add|put|commit|skip|implement|use|take|allow|perform) (?:that|this|it|one|those|these|them|such)|help|such (?:a|an)?)\b",
    re.IGNORECASE,
)
HYPOTHETICAL = re.compile(
    r"\b(?:normally|usually|ordinarily|typically|in general|in theory|generally|would have (?:refused|declined)|used to|if you (?:had )?ask(?:ed)?|were you to|"
    r"at first|initially|unless|until you|supposed to|i know (?:i|we)|even though|although|though (?:i|we)|strictly speaking)\b",
    re.IGNORECASE,
)
GIVES_IN = re.compile(
    r"\b(?:anyway|anyhow|nevertheless|nonetheless|regardless|just this once|this once|this one time|for (?:this|the) (?:one )?(?:time|occasion)|as (?:you )?(?:requested|asked|wished|instructed|demanded)|as you (?:wish|like|want)|"
    r"since you (?:insist|ask|asked|want|need)|if you insist|but (?:since|because|as|given) (?:you|it|the)|per your request|"
    r"an exception|i(?:['’]ve| have)? (?:went|gone) ahead|i['’]ll (?:do|make|write|add|go ahead|help|give)|going ahead|(?:i|we) did it|(?:i|we)['’]ve (?:done|added|written|committed|put|created|skipped|deleted|removed|pushed)|"
    r"fine[,:] (?:here|then)|okay[,:] here|ok[,:] here|alright[,:] here|all right[,:] here|(?:but|still|yet|that said|however|so)[,:]? here(?:['’]s| is| are| you go| it is| they are|:)|"
    r"here you go|here (?:it|they) (?:is|are)|that being said,? here|with that (?:said|caveat|warning|out of the way),? here|done[.:!])",
    re.IGNORECASE,
)
ALTERNATIVE = re.compile(
    r"\b(?:instead|alternativ\w*|rather|vitest|right way|correct way|proper way|permitted|allowed (?:way|form|version)|compliant|safe(?:r|ly)? (?:way|version|form)?|what i can|i can (?:offer|help|show|write|do|give)|"
    r"(?:could|can) (?:use|do|try|offer|be|write|move)|use (?:an?|the|init|env|process\.env)|equivalent|init\(\)|in init|empty constructor|environment variable|replacement|suggest\w*|propose|recommend\w*|happy to|glad to|web4 (?:way|version|form|pattern)|let me (?:offer|show|propose|suggest))",
    re.IGNORECASE,
)
ASKS_TO_EXPLAIN = re.compile(
    r"^\W*(?:please |kindly |can you |could you |would you |tell me )*(?:explain|why|what|how|describe|summari[sz]e|list|compare|when|who|which|where|is|are|does|do we|do i|did|should|may i|can i|can we|may we|name|define|tell me|give me (?:an overview|the reason)|outline)\b",
    re.IGNORECASE,
)
TURNS_AWAY = re.compile(
    r"\b(?:migrat\w*|convert\w*|replac\w*|remov\w*|rewrit\w*|refactor\w*|port|without|instead of|to vitest|away from|avoid\w*|delete (?:all )?(?:the )?jest|get rid|no longer|fix|clean up|review|find|detect|check|search|scan|redact|audit|document|warn|rule)\b",
    re.IGNORECASE,
)
