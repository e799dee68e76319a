import { Copy, MoreHorizontal, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../components/controls/Button.tsx';
import { IconButton } from '../components/controls/IconButton.tsx';
import { Panel } from '../components/display/Page.tsx';
import { Dialog } from '../components/overlays/Dialog.tsx';
import { Menu } from '../components/overlays/Menu.tsx';
import { Popover } from '../components/overlays/Popover.tsx';
import { Tabs } from '../components/overlays/Tabs.tsx';
import { doLater, useIsLeaving } from '../undo/do-later.ts';
import { showProblem, showToast } from '../undo/toasts.ts';

export function Overlays() {
  const [isOpen, setIsOpen] = useState(false);
  const [tab, setTab] = useState<'wall' | 'rows'>('wall');
  const isLeaving = useIsLeaving('kit');
  return (
    <>
      <Panel className="flex flex-wrap gap-3">
        <Button onClick={() => setIsOpen(true)}>Dialog</Button>
        <Popover trigger={<Button>Popover</Button>} title="More">
          <p>Something about it.</p>
        </Popover>
        <Menu
          trigger={<IconButton icon={MoreHorizontal} label="More" />}
          items={[
            { label: 'Copy', icon: Copy, keys: 'mod+c', onSelect: () => showToast('Copied.') },
            { label: 'Retry', unavailable: 'Nothing has failed.', onSelect: () => undefined },
            {
              label: 'Delete',
              icon: Trash2,
              isDangerous: true,
              startsGroup: true,
              onSelect: () =>
                doLater({ key: 'kit', text: 'Deleted one job.', act: () => Promise.resolve() }),
            },
          ]}
        />
        <Button onClick={() => showProblem('The file is not a picture.')}>Problem</Button>
        {isLeaving && 'It is leaving.'}
      </Panel>
      <Panel>
        <Tabs
          label="Views"
          value={tab}
          onChange={setTab}
          tabs={[
            { value: 'wall', label: 'Wall', panel: <p>Pictures.</p> },
            { value: 'rows', label: 'Rows', panel: <p>A table.</p> },
          ]}
        />
      </Panel>
      <Dialog
        isOpen={isOpen}
        onClose={() => setIsOpen(false)}
        title="Start the batch?"
        description="40 pictures for $2.12, at most $4.24."
        actions={
          <>
            <Button variant="plain" onClick={() => setIsOpen(false)}>
              Not yet
            </Button>
            <Button variant="primary" onClick={() => setIsOpen(false)}>
              Start
            </Button>
          </>
        }
      />
    </>
  );
}
