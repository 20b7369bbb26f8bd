"""An agent that gets its own token from Signet by MSAL and calls an API with it.

The blueprint proves itself and asks for a token of one agent (step one); that token is the agent's assertion for the
resource (step two). See README.md for the settings.
"""
import os
import pathlib
import sys

os.environ["REQUESTS_CA_BUNDLE"] = os.environ["SIGNET_CA"]  # read by `requests`, which MSAL uses

import msal
import requests

AUTHORITY = f"{os.environ['SIGNET_URL']}/{os.environ['TENANT_ID']}"
EXCHANGE = ["api://AzureADTokenExchange/.default"]


def application(client_id, credential):
    return msal.ConfidentialClientApplication(
        client_id, client_credential=credential, authority=AUTHORITY, instance_discovery=False)


BLUEPRINT = application(os.environ["BLUEPRINT_ID"], pathlib.Path(os.environ["BLUEPRINT_SECRET_FILE"]).read_text().strip())


def assertion(_context=None):
    """Step one: the blueprint's word for this agent. MSAL caches it for its ten minutes."""
    return token(BLUEPRINT.acquire_token_for_client(EXCHANGE, fmi_path=os.environ["AGENT_ID"]))


def token(answer):
    if "access_token" not in answer:
        sys.exit(f"refused: {answer['error_description']}")
    return answer["access_token"]


AGENT = application(os.environ["AGENT_ID"], {"client_assertion": assertion})


def main():
    access = token(AGENT.acquire_token_for_client([f"{os.environ['RESOURCE']}/.default"]))  # step two
    answer = requests.get(os.environ["RESOURCE_URL"], headers={"authorization": f"Bearer {access}"}, timeout=10)
    print(answer.status_code, answer.text.strip())
    sys.exit(0 if answer.ok else 1)


if __name__ == "__main__":
    main()
