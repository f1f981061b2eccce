"""Why each rule is there: what happens where it is broken, in a sentence or two, by the rule's id.

For people who read ``lambdaform explain`` or a rule's page; a check never reads this.
"""

from __future__ import annotations

WHY: dict[str, str] = {
    "LF001": "CloudFormation reads a template before it does anything else. A bracket that is never closed, a tab or "
    "a key that stands twice makes all of it unreadable, or lets a part of it disappear.",
    "LF002": "CloudFormation runs SAM's transform before it deploys. What the transform refuses fails there, minutes "
    "later and without your line. lambdaform runs the same transform here.",
    "LF003": "The stack is what the app's file defines when it runs. Where it ends with an exception, or names code "
    "that is not there, there is nothing that could be deployed.",
    "LF100": "CloudFormation refuses a property of the wrong kind when it makes the resource, and rolls back what it "
    "has made until then.",
    "LF101": "Each of these numbers has bounds that AWS enforces at deployment. The message has the bounds that apply.",
    "LF102": "Names and texts become parts of ARNs and addresses; the service refuses those that have another form.",
    "LF103": "The service knows only these values. A misspelt runtime or architecture fails at deployment; in a SAM "
    "template neither SAM nor cfn-lint tells before.",
    "LF104": "The quota is fixed: five layers a function, 4 KB of environment variables, fifty tags. The service "
    "refuses more, and none of these can be raised on request.",
    "LF105": "The service refuses a resource without it.",
    "LF106": "CloudFormation refuses a property that the type does not have, and a misspelt one is not set.",
    "LF107": "Without a type CloudFormation does not know what to make, and refuses the whole template.",
    "LF110": "EventBridge refuses a schedule of any other form. Its cron is not Unix's: six fields, one of the two day "
    "fields is `?`, Sunday is 1, and rate(1 minute) has no plural.",
    "LF111": "Lambda sets these variables itself in each execution environment, and refuses a function that sets them.",
    "LF112": "CloudFormation refuses a property that it does not know. The name is nearly that of one it knows.",
    "LF113": "CloudFormation refuses a type that it does not know. The name is nearly that of one it knows.",
    "LF114": "`Fn::GetAtt` gives only the attributes that a type returns. Another one fails at deployment.",
    "LF115": "A name can be taken once in an account and region. The second resource fails when it is made.",
    "LF116": "A FIFO queue or topic is told by its name: the service refuses one whose name does not end in `.fifo`.",
    "LF117": "SAM checks the names of a resource's own properties and of events, but not of what is inside them. A "
    "misspelt one is passed over without a word, and what you meant to set is not set.",
    "LF118": "API Gateway puts the value into a mapping as it stands, where text needs single quotes of its own. "
    "Without them each preflight request fails, and browsers refuse to call the API.",
    "LF200": "Everything in a template refers to other things by these ids. The second of two would take the first "
    "one's place, or CloudFormation refuses the template.",
    "LF201": "CloudFormation refuses a template that refers to what it does not have. Most often the name is misspelt, "
    "or a resource was made and never added to the stack.",
    "LF202": "CloudFormation makes resources in the order of their references. In a circle none can be the first, and "
    "it refuses the template.",
    "LF203": "CloudFormation refuses a template that names a condition which it does not define.",
    "LF204": "CodeDeploy moves traffic between two versions behind an alias. Without an alias there is nothing that it "
    "could shift, and SAM refuses the function.",
    "LF205": "A message that is still being worked on becomes visible again, and is handed out a second time. So "
    "Lambda refuses a mapping whose queue hides messages for less than the function may run.",
    "LF206": "Lambda sends what it gave up on to a standard queue or a topic only, and the dead letters of a FIFO "
    "queue go to a FIFO queue. It refuses other targets.",
    "LF207": "Lambda takes more than ten messages at once only if it may wait for them: without a batching window of "
    "at least a second it refuses the mapping. A FIFO queue gives ten at most.",
    "LF208": "A stream has a past. Lambda refuses a mapping that does not say whether to read it from the oldest "
    "record, from now on, or from a moment.",
    "LF209": "`$LATEST` changes with each deployment, so it cannot be one side of a comparison between versions: Lambda "
    "refuses weights on it.",
    "LF210": "CodeDeploy's managed role may invoke functions only if their names begin with `CodeDeployHook_`. With "
    "another name the hook is never run, and the deployment stops.",
    "LF211": "CloudFormation looks mappings up before it makes anything, and refuses the template where a key is not "
    "there.",
    "LF212": "CloudFormation refuses a template in which a parameter's own default is not allowed.",
    "LF221": "Lambda polls queues, streams and brokers. Topics, buckets and rules call the function themselves, and "
    "need a permission instead of a mapping.",
    "LF222": "Queues have no past, no shards and no positions; Lambda refuses a mapping of a queue that has settings "
    "for streams.",
    "LF223": "The reserved concurrency is the end of the function. Pollers that go beyond it are throttled, and "
    "messages go to the dead-letter queue without having been tried as often as they should.",
    "LF231": "CodeDeploy has a fixed list of predefined shifts. Another name is looked for among the "
    "account's own, and not found.",
    "LF232": "Lambda refuses an alias whose two versions are the same: there is nothing to share.",
    "LF233": "A version belongs to one function. Lambda looks for its number on the alias' own function, and finds "
    "none, or another one.",
    "LF241": "A network interface needs a subnet to lie in and a security group to obey. Lambda refuses half of it.",
    "LF242": "Lambda attaches a layer whatever it was made for; the function finds out when it imports what is not "
    "there, or was compiled for another runtime.",
    "LF260": "A template can refer to its own resources only. What another stack has comes over the border as an "
    "export, as an output of a nested stack, or as a parameter; each of these says who depends on whom.",
    "LF261": "An import names an export. Where no stack that is deployed has it, CloudFormation stops at the import.",
    "LF262": "CloudFormation looks the name up at deployment, and stops where nobody exports it. This one is nearly a "
    "name that the app exports.",
    "LF263": "An export belongs to the account and region. The second stack that exports the name cannot be deployed.",
    "LF264": "A stack can be deployed once everything that it imports is exported. In a circle none can be the first.",
    "LF265": "CloudFormation makes the nested stack first, then asks it for the output, and rolls everything back "
    "where there is none of that name.",
    "LF266": "CloudFormation refuses a nested stack that is given a parameter which its template does not have, and "
    "one that lacks a value.",
    "LF267": "CloudFormation counts what SAM's transform makes: a function alone becomes a function and a role, and "
    "each event adds to it. The change set fails, minutes later. lambdaform counts what SAM certainly makes.",
    "LF301": "Whoever gets hold of the function's credentials, by a flaw in one of its dependencies for example, can "
    "then do everything in the account.",
    "LF302": "IAM refuses a statement that lacks an action or a resource; the role fails when it is made.",
    "LF303": "IAM takes any text for an action. One that no service has allows nothing, and the call it was for is "
    "denied at run time.",
    "LF304": "An identity's policy says what that identity may do; who it is, is plain. IAM refuses a principal there.",
    "LF310": "Lambda takes the role on to run the function. Where the role does not trust lambda.amazonaws.com, "
    "creating the function fails.",
    "LF311": "Lambda makes network interfaces with the function's own role. Without the permission, creating the "
    "function fails.",
    "LF312": "Lambda sends to the target with the function's own role. Without the permission the configuration is "
    "refused, or dead letters are lost.",
    "LF313": "Lambda reads the source with the function's own role, and refuses a mapping that the role does not allow.",
    "LF314": "With a key of your own, Lambda needs the role's permission to decrypt the variables, and each invocation "
    "fails without it.",
    "LF315": "The function runs, but writes no log: the first thing that you will want when it does not do what it should.",
    "LF320": "Who calls a function needs a permission in the function's own policy. Without it the rule, topic or "
    "bucket looks right and its calls are refused, mostly without a trace.",
    "LF330": "Lambda writes to a destination with the function's own role. Without leave nothing arrives there, and the "
    "events that it was to keep are gone.",
    "LF331": "Whoever sends to an encrypted queue, or reads one, needs the key as well. SAM's own permissions are for the "
    "queue alone, so that the first message is where it fails.",
    "LF401": "A subnet lies in one availability zone. When that zone fails, the function fails with it.",
    "LF402": "A deprecated runtime gets no security patches. Some months later functions on it can be neither created "
    "nor updated, so a small fix then needs a migration first.",
    "LF501": "Lambda cannot start a function without them, and refuses to create it.",
    "LF502": "Inline code is put into a file as it is. Compiled languages need an archive with what was compiled.",
    "LF503": "The runtime takes the handler apart to find what to call: a file and a function, a class and a method. "
    "Where it cannot, each invocation fails, in Python and Node.js with Runtime.MalformedHandlerName.",
    "LF504": "Lambda deploys any code; that the handler is not in it is told by each invocation, as "
    "Runtime.ImportModuleError or Runtime.HandlerNotFound.",
    "LF505": "Lambda calls the handler with the event and the context. With another number of arguments each invocation "
    "fails with a TypeError before the first line runs.",
    "LF506": "Lambda's Python runtime calls the handler and writes down what it returns. A coroutine or a generator is "
    "no JSON: each invocation fails with Runtime.MarshalError, and none of the handler's lines runs.",
    "LF601": "CloudFormation takes no larger template, from S3 neither.",
    "LF602": "CloudFormation takes no more, nested stacks not counted.",
    "LF603": "Lambda takes no larger inline code, and CloudFormation no template that large.",
    "LF604": "Lambda refuses a function that is larger when unzipped, its layers included.",
    "LF605": "Lambda's API takes an archive of that size only from a bucket. CloudFormation, SAM and lambdaform put code "
    "into a bucket anyway; a script that uploads it straight to the function fails.",
    "LF701": "Whoever names a profile wants the stack to work by what Lambda had then: to follow an old text, or to "
    "deploy to an installation that has stood still.",
    "LF702": "By the date of the profile Lambda did not know this runtime, and would have refused the function.",
    "LF703": "Lambda's limits were others then. What is larger would have been refused on that day.",
    "LF901": "A suppression that names no rule suppresses nothing. Most often it is misspelt, and the finding that it "
    "was for goes on to be told, or to be overlooked.",
    "LF902": "The reason is for whoever meets the suppression in a year and asks whether it still holds.",
    "LF903": "What it was for has been mended. Left in place, it would hide the same mistake when it comes back.",
}
