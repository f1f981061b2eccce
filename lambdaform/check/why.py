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
    "LF119": "EventBridge Scheduler needs to know how long it may wait. It refuses a flexible window without "
    "minutes, and minutes for an exact time.",
    "LF121": "Between its end and its start there is no moment at which the schedule could run.",
    "LF122": "EventBridge takes a schedule whose moment never comes. Nothing fails, and nothing ever runs.",
    "LF123": "API Gateway cuts paths at their slashes. It refuses a part that is a variable and text at once, "
    "and a variable for all the rest anywhere but at the end.",
    "LF124": "A REST API keeps its paths as a tree, and a place in it has one variable. API Gateway refuses "
    "the second name, after it has made the first.",
    "LF125": "Browsers ignore an answer that allows credentials to every origin. The call works in tests and "
    "fails in the page.",
    "LF126": "A browser sends its origin with the scheme, and the comparison is letter by letter. Without it "
    "no page is ever let in.",
    "LF127": "DynamoDB stores any attributes, but defines only those of keys. It refuses a table that defines "
    "others, or a key that is not defined.",
    "LF128": "A table is billed by request or by capacity bought ahead. DynamoDB refuses both at once, and "
    "neither.",
    "LF129": "Kinesis refuses a number of shards for a stream that scales by itself, and a provisioned stream "
    "without one.",
    "LF131": "CloudWatch counts in periods of its own. It refuses others, and alarms that no data can set off.",
    "LF132": "CloudWatch takes an alarm on any metric, also on one that nobody writes. The alarm stays without"
    " data and never goes off.",
    "LF133": "CloudFormation asks the service that a dynamic reference names, and refuses the template where "
    "it knows none of that name.",
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
    "LF213": "CloudFormation reads the description before anything else, and refuses a template whose "
    "description is too long.",
    "LF214": "CloudFormation checks a default like any other value, and refuses the template before it makes "
    "anything.",
    "LF215": "Exports are shared by all stacks of an account and region. The second of one name fails when the"
    " stack is deployed.",
    "LF216": "Where the condition does not hold the resource is not made, and whatever refers to it cannot be "
    "deployed. It shows only in the stage where the condition is false.",
    "LF217": "CloudFormation refuses a section that it does not know. Its contents would otherwise be left "
    "out.",
    "LF218": "There has been one format version since 2010. CloudFormation refuses any other.",
    "LF219": "CloudFormation looks the transform up before it reads the resources, and refuses a name that "
    "nobody has registered.",
    "LF220": "Ref takes a name for a resource or a parameter. CloudFormation refuses a template where one name"
    " is both.",
    "LF221": "Lambda polls queues, streams and brokers. Topics, buckets and rules call the function themselves, and "
    "need a permission instead of a mapping.",
    "LF222": "Queues have no past, no shards and no positions; Lambda refuses a mapping of a queue that has settings "
    "for streams.",
    "LF223": "The reserved concurrency is the end of the function. Pollers that go beyond it are throttled, and "
    "messages go to the dead-letter queue without having been tried as often as they should.",
    "LF224": "Lambda takes -1 for records of any age, or at least a minute. It refuses what lies between.",
    "LF225": "Lambda refuses a moment without AT_TIMESTAMP, and AT_TIMESTAMP without a moment. A DynamoDB "
    "stream can be read only from its two ends.",
    "LF226": "The order of a FIFO queue does not allow Lambda to wait for more messages, and it refuses the "
    "window.",
    "LF227": "A mapping scales by a bound on its concurrency or by pollers that are kept ready. Lambda refuses"
    " both at once, and either where the source does not have it.",
    "LF228": "Lambda sends dead letters to standard queues and topics only. SAM permits the sending by the "
    "type that it is told, so with the wrong one the letters are lost.",
    "LF229": "Lambda refuses a pattern that it cannot read. One that looks in the wrong place is worse: no "
    "record matches it, and a queue's messages are deleted without ever being seen.",
    "LF230": "A mapping may have five filters. AWS raises the quota to ten on request; without that the "
    "deployment fails.",
    "LF231": "CodeDeploy has a fixed list of predefined shifts. Another name is looked for among the "
    "account's own, and not found.",
    "LF232": "Lambda refuses an alias whose two versions are the same: there is nothing to share.",
    "LF233": "A version belongs to one function. Lambda looks for its number on the alias' own function, and finds "
    "none, or another one.",
    "LF234": "Lambda takes on the role by its ARN. With the ARN of something else it refuses the function.",
    "LF235": "An alias's name can be taken once for a function. The second one fails when it is made.",
    "LF236": "An alias stores the number of a version. Lambda refuses its ARN, and any word but $LATEST.",
    "LF237": "CodeDeploy asks CloudWatch for the alarms by name, and calls the hooks as functions. What is "
    "neither fails when the traffic is to shift.",
    "LF238": "CodeDeploy waits an hour for a hook's answer, and then rolls the deployment back. A hook that "
    "may not answer fails every deployment.",
    "LF239": "SAM makes an alias and a version only for functions that name an AutoPublishAlias. Without it "
    "the reference leads nowhere.",
    "LF240": "Lambda looks the function up by its name. What is no function is not found, and the deployment "
    "fails.",
    "LF241": "A network interface needs a subnet to lie in and a security group to obey. Lambda refuses half of it.",
    "LF242": "Lambda attaches a layer whatever it was made for; the function finds out when it imports what is not "
    "there, or was compiled for another runtime.",
    "LF243": "Lambda unpacks layers over each other. It refuses a layer that is there twice, in whichever "
    "versions.",
    "LF244": "A function takes a layer in one version, which its ARN names. Lambda refuses an ARN without a "
    "version, and anything that is no layer.",
    "LF245": "An image says itself what it starts and brings its own runtime. Lambda refuses these settings "
    "beside an image, and an image's settings beside an archive.",
    "LF246": "Lambda takes the code from one place. It refuses two, none, and half the name of an object in "
    "S3.",
    "LF247": "A file system is reached through a network interface in its VPC. Lambda refuses to mount one "
    "without it.",
    "LF248": "A snapshot holds an initialised environment of the runtimes that support it, and nothing that "
    "lies outside. Lambda refuses the rest when it publishes a version.",
    "LF249": "Lambda can filter only what it writes as JSON, where each line has its level. With plain text it"
    " refuses the level.",
    "LF250": "The code stands in the template and is deployed as it is. Each invocation ends before the "
    "handler is reached.",
    "LF251": "A runtime that is managed by hand needs the version that it stays at. One that is updated by AWS"
    " cannot have one.",
    "LF252": "Keys that start with aws: are set by AWS's services. The service refuses them from anybody else.",
    "LF253": "Ref gives a name or a URL for most types, and the service wants an ARN there. It refuses the "
    "name when the resource is made.",
    "LF254": "What a function reserves, no other can use. An account must keep 100 unreserved, and Lambda "
    "refuses a reservation that goes further.",
    "LF255": "A function that reserves nothing may not run. Whoever calls it is told that there are too many "
    "requests, and its events wait or are dropped.",
    "LF256": "Provisioned environments are a part of what is reserved. Lambda refuses more of them than the "
    "function may have at all.",
    "LF257": "Provisioned environments are started with code that does not change. Lambda refuses them for "
    "$LATEST, and SAM for a function without an alias.",
    "LF258": "With tenant isolation each environment belongs to a tenant who is named with the invocation. An "
    "address, a snapshot and environments made ahead do not know one.",
    "LF259": "CloudFormation knows one property under Environment, and refuses the variables that stand beside"
    " it.",
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
    "LF270": "Lambda never had these runtimes for arm64, and refuses the function.",
    "LF271": "CloudFormation refuses a template whose functions have too few or too many arguments.",
    "LF272": "CloudFormation runs its own functions only. A misspelt one is refused, or stays in the template "
    "as text.",
    "LF273": "CloudFormation refuses an attribute that it does not know. What it was to say, such as to keep "
    "the resource, would not hold.",
    "LF274": "Only volumes, databases and caches can leave a snapshot behind. CloudFormation refuses the "
    "policy for other types.",
    "LF275": "Fn::FindInMap takes two keys. CloudFormation refuses a mapping with fewer or more levels.",
    "LF276": "CloudFormation shows outputs as text. It refuses a list or a mapping, and rolls the deployment "
    "back.",
    "LF277": "Only Fn::Sub looks for placeholders. In plain text they stay: the function reads ${Name}, and a "
    "policy grants nothing.",
    "LF278": "Types of CloudFormation take tags as a list of keys and values, where SAM takes a mapping. A key"
    " that is there twice is refused.",
    "LF279": "Lambda refuses a configuration that changes nothing.",
    "LF280": "SNS refuses a filter policy that it cannot read.",
    "LF281": "A table has a stream only if it says so. Without one CloudFormation does not find its StreamArn,"
    " and the deployment fails.",
    "LF282": "Lambda takes one mapping for a function and a source. It refuses the second as a conflict.",
    "LF283": "A queue hands each message out once. Two functions that read from it get a part each, and "
    "neither gets all.",
    "LF284": "Lambda connects to a broker with a secret, and asks it for one topic or queue. Without them it "
    "refuses the mapping.",
    "LF285": "Lambda writes to few kinds of targets, and to FIFO ones not at all. It refuses the "
    "configuration, and a function that would call itself.",
    "LF286": "Messages keep their order and group only in a queue of the same kind. SQS refuses another one "
    "for dead letters.",
    "LF287": "A message's age counts from when it was first sent. In a queue that keeps messages for less time"
    " it may be gone before anyone looks.",
    "LF288": "A message counts as received also when the function is throttled. With one or two receives a "
    "short peak makes dead letters of good messages.",
    "LF289": "SQS and SNS refuse settings of FIFO queues and topics on standard ones.",
    "LF291": "A FIFO topic keeps an order that only queues can keep as well. SNS refuses other subscribers.",
    "LF292": "S3 refuses a notification about an event that it does not have, after the bucket is made.",
    "LF293": "S3 tells of an event of a key once. It refuses a second notification that the same key could set"
    " off.",
    "LF294": "S3 sends no message groups, which a FIFO queue demands. It refuses the notification.",
    "LF295": "A rule reacts to events or to time. EventBridge refuses one that does neither.",
    "LF296": "A rule knows its targets by their ids. The second of one id takes the first one's place, which "
    "is then never called.",
    "LF297": "EventBridge runs schedules on the default bus only, and refuses them on another.",
    "LF298": "EventBridge hands a target one input. It refuses two, and a constant one that is no JSON.",
    "LF299": "EventBridge refuses a pattern whose leaves are no lists. A pattern on a key that no event has is"
    " taken, and never matches.",
    "LF301": "Whoever gets hold of the function's credentials, by a flaw in one of its dependencies for example, can "
    "then do everything in the account.",
    "LF302": "IAM refuses a statement that lacks an action or a resource; the role fails when it is made.",
    "LF303": "IAM takes any text for an action. One that no service has allows nothing, and the call it was for is "
    "denied at run time.",
    "LF304": "An identity's policy says what that identity may do; who it is, is plain. IAM refuses a principal there.",
    "LF305": "IAM refuses a policy whose resource is no ARN, and with it the role or function.",
    "LF306": "Whoever may hand any role to a service, or change policies, can do through it whatever these "
    "allow. One stolen function is then the whole account.",
    "LF307": "A function that may do everything with a service can also delete what is in it. What it needs is"
    " most often a few actions on one resource.",
    "LF308": "Allow with NotAction also allows whatever AWS adds later, in every service. It grows by itself.",
    "LF309": "The two exclude each other. IAM refuses a statement that has both.",
    "LF310": "Lambda takes the role on to run the function. Where the role does not trust lambda.amazonaws.com, "
    "creating the function fails.",
    "LF311": "Lambda makes network interfaces with the function's own role. Without the permission, creating the "
    "function fails.",
    "LF312": "Lambda sends to the target with the function's own role. Without the permission the configuration is "
    "refused, or dead letters are lost.",
    "LF313": "Lambda reads the source with the function's own role, and refuses a mapping that the role does not allow.",
    "LF314": "With a key of your own, decrypting the variables takes a permission, from the role or from the key's own "
    "policy, and each invocation fails without it.",
    "LF315": "The function runs, but writes no log: the first thing that you will want when it does not do what it should.",
    "LF316": "IAM refuses a condition whose operator it does not know, and with it the whole policy.",
    "LF317": "S3 has buckets and objects, and each action is about one of the two. IAM takes the statement, it"
    " grants nothing, and the function is denied access.",
    "LF318": "IAM refuses a policy with such an id, or with one id twice.",
    "LF319": "IAM keeps a role's own policies by their names. The second of one name takes the first one's "
    "place, and what that allowed is gone.",
    "LF320": "Who calls a function needs a permission in the function's own policy. Without it the rule, topic or "
    "bucket looks right and its calls are refused, mostly without a trace.",
    "LF321": "The function runs, and its traces are thrown away without a word.",
    "LF323": "Scheduler takes on the role each time, and calls the target with it. Where it may not, nothing "
    "runs, and only a metric tells.",
    "LF325": "Any account on AWS could take on the role, and do whatever it allows.",
    "LF326": "CloudFormation attaches a policy by its ARN. With a misspelt one, or one without its path, the "
    "role cannot be made.",
    "LF327": "SAM writes policies into the role that it makes. For a function with a role of its own it makes "
    "none, and leaves the policies out.",
    "LF328": "SAM writes the statements of its own templates only. It refuses another name.",
    "LF329": "A trust policy belongs to one role, which is what it is about. IAM refuses a resource in it.",
    "LF330": "Lambda writes to a destination with the function's own role. Without leave nothing arrives there, and the "
    "events that it was to keep are gone.",
    "LF331": "Whoever sends to an encrypted queue, or reads one, needs the key as well. SAM's own permissions are for the "
    "queue alone, so that the first message is where it fails.",
    "LF340": "Anybody with an AWS account may then call the function, send to the queue or use the layer, and "
    "you pay for it.",
    "LF341": "A bucket's name is free again once the bucket is deleted, and its ARN has no account. Whoever "
    "makes it anew could call the function.",
    "LF342": "The service acts for all its customers. Without a source, somebody else's rule, topic or API may"
    " call the function through it.",
    "LF343": "Lambda takes a principal that no service has, or IAM refuses the policy. Either way the real "
    "service is not let in.",
    "LF344": "The address is on the internet, and without a check of who calls each request runs the function "
    "at your cost.",
    "LF345": "A policy of a resource says who may use it. AWS refuses one that names nobody.",
    "LF346": "Lambda refuses a permission for an action that it does not have.",
    "LF347": "A queue takes messages from a service only if its own policy says so. A topic's or rule's "
    "messages are lost without a word; S3 refuses the notification.",
    "LF348": "Each permission is a statement in one policy of the function. Lambda refuses the one with which "
    "it grows too large.",
    "LF349": "IAM counts the characters of all policies that stand in a role, blanks left out, and refuses the"
    " role.",
    "LF401": "A subnet lies in one availability zone. When that zone fails, the function fails with it.",
    "LF402": "A deprecated runtime gets no security patches. Some months later functions on it can be neither created "
    "nor updated, so a small fix then needs a migration first.",
    "LF403": "API Gateway gives up after half a minute, whatever the function's timeout. The caller has an "
    "error, tries again, and the first run still goes on.",
    "LF404": "A variable's value is shown to everybody who may read the function's configuration or the "
    "template, and stays in each version and in the history of the repository.",
    "LF405": "Lambda tries an asynchronous event three times and drops it then. Nobody is told, unless there "
    "is a place for what failed.",
    "LF406": "Lambda adds readers while the queue is long, up to what the account has. A burst of messages "
    "then throttles every other function, also those that people wait for.",
    "LF407": "Records of a shard are handed out in order. One that always fails is tried until it expires, a "
    "day or more, and nothing behind it is seen.",
    "LF408": "When the time is over the whole batch counts as failed and comes again. It is as large as "
    "before, and fails again.",
    "LF409": "What the function writes calls it, and it writes again. Such a loop runs as fast as Lambda "
    "scales; Lambda stops most of them after about 16 rounds, but not all.",
    "LF410": "NoEcho hides a value from the console. The default stands in the template, which everybody who "
    "may read the stack can see.",
    "LF411": "Everybody on the internet may read the bucket. Most leaks of data from S3 began so.",
    "LF412": "Lambda stops a chain of invocations that goes in a circle. Where that is switched off, nothing "
    "bounds the cost of a mistake.",
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
    "LF507": "A package that is still to be installed may have any module, so that the check cannot say for certain. "
    "If none has it, each invocation fails with Runtime.ImportModuleError.",
    "LF508": "Lambda deploys any code. That Python cannot read a module is told by each invocation, as "
    "Runtime.UserCodeSyntaxError.",
    "LF509": "Lambda deploys any code. Without a bootstrap that it may execute, each invocation fails with "
    "Runtime.InvalidEntrypoint before a line of it has run. Archives that are made on Windows often have no modes.",
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
