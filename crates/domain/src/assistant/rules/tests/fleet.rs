//! Questions about the fleet and about one WorkSpace.

use super::expect;

#[test]
fn counts_of_the_fleet() {
    expect(&[
        ("How many WorkSpaces do we have?", "fleet"),
        ("how many desktops are there", "fleet"),
        ("Could you please tell me the total number of virtual desktops?", "fleet"),
        ("count of workspaces", "fleet"),
        ("WorkSpaces", "fleet"),
        ("How big is the fleet?", "fleet"),
        ("How many WorkSpaces are stopped?", "fleet state=STOPPED"),
        ("how many are running right now", "fleet state=AVAILABLE"),
        ("How many desktops are running or stopped in Ireland?", "fleet state=AVAILABLE,STOPPED region=eu-west-1"),
        ("Do we have any unhealthy WorkSpaces?", "fleet state=UNHEALTHY"),
        ("Are there any broken desktops?", "fleet state=IMPAIRED,UNHEALTHY,ERROR"),
        ("How many WorkSpaces are in state MIGRATING_HOST?", "fleet state=MIGRATING_HOST"),
        ("How many WorkSpaces are in maintenance mode?", "fleet state=MAINTENANCE"),
        ("How many WorkSpaces in eu-central-1 are AutoStop?", "fleet mode=AUTO_STOP region=eu-central-1"),
        (
            "how many always-on workspaces are in frankfurt and n. virginia",
            "fleet mode=ALWAYS_ON region=eu-central-1,us-east-1",
        ),
        ("How many WorkSpaces run in ALWAYS_ON?", "-"),
        ("How many graphics pro desktops do we have?", "fleet compute=GRAPHICSPRO"),
        ("How many GRAPHICS_G6 WorkSpaces are there?", "fleet compute=GRAPHICS_G6"),
        ("how many power workspaces", "fleet compute=POWER"),
        ("How many WorkSpaces are in the Power account?", "fleet account=Power"),
        ("How many WorkSpaces has Northwind Production?", "fleet account=Northwind Production"),
        ("how many workspaces in the sandbox account are stoped", "fleet state=STOPPED account=Sandbox"),
        ("How many WorkSpaces use the bundle Standard with Windows 10?", "fleet bundle=wsb-standardus,wsb-standardeu"),
        ("How many WorkSpaces are on wsb-ubuntu?", "fleet bundle=wsb-ubuntu"),
        ("How many WorkSpaces are in the corp directory?", "fleet directory=d-90670a1b2c,d-99670a1b2c"),
        ("How many WorkSpaces are in corp.us.northwind.example?", "fleet directory=d-90670a1b2c"),
        ("How many WorkSpaces are in directory d-93670a1b2c?", "fleet directory=d-93670a1b2c"),
        ("How many WorkSpaces does the Engineering team have?", "fleet tag=Team:Engineering"),
        ("How many WorkSpaces does the data team have?", "fleet tag=Team:Data"),
        ("How many people are connected now?", "fleet connection=CONNECTED"),
        ("How many desktops are in use at the moment?", "fleet connection=CONNECTED"),
        ("How many stopped WorkSpaces do we have today?", "fleet state=STOPPED"),
        ("How many WorkSpaces did we have in April?", "fleet in=2026-04"),
    ]);
}

#[test]
fn the_fleet_told_apart() {
    expect(&[
        ("How many WorkSpaces are there per region?", "fleet by=region"),
        ("How many workspaces do we have in each region?", "fleet by=region"),
        ("WorkSpaces by state", "fleet by=state"),
        ("desktops by running mode", "fleet by=running_mode"),
        ("Show me the WorkSpaces by bundle", "fleet by=bundle"),
        ("stopped workspaces by account", "fleet state=STOPPED by=account"),
        ("How many WorkSpaces does each team have?", "fleet by=team"),
        ("How many WorkSpaces are there for every directory?", "fleet by=directory"),
        ("Break down the fleet by compute type", "-"),
        ("Fleet broken down by compute type", "fleet by=compute_type"),
        ("What states are the WorkSpaces in?", "fleet by=state"),
        ("Which region has the most WorkSpaces?", "fleet by=region measure=most top=1"),
        ("Which regions have the most WorkSpaces?", "fleet by=region measure=most"),
        ("Which account has the fewest stopped desktops?", "fleet state=STOPPED by=account measure=least top=1"),
        ("top 3 bundles by number of workspaces", "fleet by=bundle measure=most top=3"),
        ("How is the fleet doing?", "fleet by=state"),
        ("Give me an overview of the fleet", "fleet by=state"),
        ("How are our WorkSpaces?", "fleet by=state"),
        ("fleet status in Frankfurt", "fleet region=eu-central-1 by=state"),
        ("How many WorkSpaces per region and account?", "-"),
    ]);
}

#[test]
fn lists_of_workspaces() {
    expect(&[
        ("Which WorkSpaces are stopped?", "workspaces state=STOPPED"),
        ("list unhealthy desktops", "workspaces state=UNHEALTHY"),
        ("Show me all stopped WorkSpaces in Ireland", "workspaces state=STOPPED region=eu-west-1"),
        ("List all WorkSpaces", "workspaces"),
        ("Who is connected right now?", "workspaces connection=CONNECTED"),
        ("who has an always on desktop in us-east-1", "workspaces mode=ALWAYS_ON region=us-east-1"),
        ("stopped WorkSpaces of the Design team", "workspaces state=STOPPED tag=Team:Design"),
        ("Which desktops of Customer Success are in error?", "workspaces state=ERROR tag=Team:Customer Success"),
        ("which workspaces are impaired or unhealthy", "workspaces state=IMPAIRED,UNHEALTHY"),
        ("Show the WorkSpaces with the Northwind developer workstation bundle", "workspaces bundle=wsb-dev"),
        ("list the first 5 stopped workspaces", "workspaces state=STOPPED top=5"),
        ("Which WorkSpaces are rebooting?", "workspaces state=REBOOTING"),
        ("which worksapces are runing in the Ireland regoin?", "workspaces state=AVAILABLE region=eu-west-1"),
    ]);
}

#[test]
fn one_workspace() {
    expect(&[
        ("Who has ws-8f3k2m1qz?", "workspace workspace=ws-8f3k2m1qz"),
        ("Whose WorkSpace is ws-8f3k2m1qz", "workspace workspace=ws-8f3k2m1qz"),
        ("Show me ws-8f3k2m1qz", "workspace workspace=ws-8f3k2m1qz"),
        ("What is the state of ws-8f3k2m1qz?", "workspace workspace=ws-8f3k2m1qz"),
        ("Tell me about j.smith's desktop", "workspace workspace=j.smith"),
        ("Is j.smith connected?", "workspace workspace=j.smith"),
        ("Is ws-8f3k2m1qz running?", "workspace workspace=ws-8f3k2m1qz"),
        ("Which bundle does jane.smith@corp.example have?", "workspace workspace=jane.smith@corp.example"),
        ("In which region is WSAMZN-1A2B3C?", "workspace workspace=WSAMZN-1A2B3C"),
        ("J.Smith", "workspace workspace=J.Smith"),
        ("Compare j.smith and a.jones", "-"),
    ]);
}
