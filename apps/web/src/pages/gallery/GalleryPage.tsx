import { useNavigate, useSearch } from '@tanstack/react-router';
import { Page } from '../../components/display/Page.tsx';
import { Tabs } from '../../components/overlays/Tabs.tsx';
import { useCommands } from '../../keyboard/commands.ts';
import { useTexts } from '../../texts/i18n.ts';
import { readSearch, views, type View } from '../../wall/gallery-search.ts';
import { ActionsView } from './actions/ActionsView.tsx';
import { UnderWay } from './actions/UnderWay.tsx';
import { AlbumsView } from './albums/AlbumsView.tsx';
import { BatchesView } from './batches/BatchesView.tsx';
import { useBulkActions, useFreshWalls } from './bulk/bulk-actions.ts';
import { galleryTexts } from './texts.ts';
import { WallView } from './wall/WallView.tsx';

/** All pictures: the wall, by batch, albums, the trash, and changes of many at once. */
export function GalleryPage() {
  const t = useTexts(galleryTexts);
  const search = readSearch(useSearch({ from: '/gallery' }));
  const { view = 'pictures' } = search;
  const navigate = useNavigate();
  const { data: actions } = useBulkActions();
  useFreshWalls(actions);
  const show = (chosen: View): void =>
    void navigate({ to: '/gallery', search: chosen === 'pictures' ? {} : { view: chosen } });
  useCommands(
    views.map((each) => ({
      id: `gallery-view-${each}`,
      label: `${t.title}: ${t[each]}`,
      run: () => show(each),
    })),
  );
  return (
    <Page title={t.title}>
      <UnderWay actions={view === 'actions' ? [] : (actions ?? [])} />
      <Tabs
        label={t.views}
        value={view}
        onChange={show}
        tabs={[
          { value: 'pictures', label: t.pictures, panel: <WallView search={search} /> },
          { value: 'batches', label: t.batches, panel: <BatchesView /> },
          { value: 'albums', label: t.albums, panel: <AlbumsView /> },
          { value: 'actions', label: t.actions, panel: <ActionsView actions={actions} /> },
          { value: 'trash', label: t.trash, panel: <WallView search={search} /> },
        ]}
      />
    </Page>
  );
}
