"""The rules, a module for what they are about each, which `lambdaform.check.rule.rules` imports."""
